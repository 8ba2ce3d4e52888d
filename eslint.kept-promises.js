/**
 * A promise that is kept has a handler from its first moment. Without one, a promise that is awaited too late, or never
 * because something else failed first, ends the process when it rejects. So the promise that a call returns may be
 * awaited, returned or handed to `kept`; it may not be stored or passed on by itself.
 */
export default {
  meta: {
    type: "problem",
    schema: [],
    messages: {
      bare: "This promise is kept without a handler. Await it here, or hand it to `kept`.",
    },
  },
  create({ report, sourceCode }) {
    const { program, esTreeNodeToTSNodeMap } = sourceCode.parserServices;
    const checker = program.getTypeChecker();

    const isPromise = (node) => {
      const type = checker.getTypeAtLocation(esTreeNodeToTSNodeMap.get(node));
      const some = type.isUnion() ? type.types : [type];
      return some.some((one) => one.getProperty("then") !== undefined);
    };

    const check = (node) => {
      for (const made of madeBy(node)) {
        if (isPromise(made) && !isHandled(made)) report({ node: made, messageId: "bare" });
      }
    };

    const checkArguments = (node) => {
      if (!takesOver(node.callee)) node.arguments.forEach(check);
    };

    return {
      VariableDeclarator: ({ init }) => check(init),
      AssignmentExpression: ({ right }) => check(right),
      PropertyDefinition: ({ value }) => check(value),
      Property: ({ value }) => check(value),
      CallExpression: checkArguments,
      NewExpression: checkArguments,
      ArrayExpression: (node) => {
        if (!takesOver(node.parent.callee)) node.elements.forEach(check);
      },
    };
  },
};

/** The calls that an expression's value may come from. */
function madeBy(node) {
  switch (node?.type) {
    case "CallExpression":
    case "NewExpression":
      return [node];
    case "ConditionalExpression":
      return [...madeBy(node.consequent), ...madeBy(node.alternate)];
    case "LogicalExpression":
      return [...madeBy(node.left), ...madeBy(node.right)];
    case "TSAsExpression":
    case "TSNonNullExpression":
      return madeBy(node.expression);
    default:
      return [];
  }
}

/** Whether a call gives a promise that is handled already: made so, or taken from where kept ones are. */
function isHandled({ callee, arguments: given }) {
  if (callee.type === "Identifier") return callee.name === "kept";
  if (callee.type !== "MemberExpression") return false;
  const { name } = callee.property;
  if (name === "then") return given.length === 2;
  return ["catch", "get", "shift", "pop", "resolve", "allSettled"].includes(name);
}

/** Whether a call handles the promises that it is given. */
function takesOver(callee) {
  if (callee?.type === "Identifier") return ["kept", "untilAborted"].includes(callee.name);
  return callee?.type === "MemberExpression" && callee.object.name === "Promise";
}
