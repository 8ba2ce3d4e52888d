import { button, element } from "./element.js";
import { logo } from "./logo.js";
import { signIn, type Session } from "./session.js";
import { errorText } from "./words.js";

/**
 * Asks for the token until the service accepts it.
 *
 * @param why A message above the button, such as why the token is needed again.
 */
export function signInView(onSession: (session: Session) => void, why = ""): HTMLElement {
  const token = tokenInput();
  const problem = element("p", { class: "problem", role: "alert" }, why);
  const submit = button("Sign in", () => undefined, { type: "submit", class: "primary" });
  const form = element(
    "form",
    { class: "sign-in card" },
    element("div", { class: "brand" }, logo(), element("h1", {}, "Images")),
    element("p", { class: "quiet" }, `on ${location.host}`),
    userName(),
    element("label", { for: "token" }, "Token"),
    token,
    problem,
    submit,
    element(
      "p",
      { class: "quiet small" },
      "It was printed when the server started, or is in SFC_BEARER_AUTH.",
    ),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit.disabled = true;
    problem.textContent = "";
    signIn(token.value.trim()).then(onSession, (error: unknown) => {
      submit.disabled = false;
      problem.textContent = errorText(error);
      token.select();
    });
  });
  const view = element("main", { class: "center" }, form);
  queueMicrotask(() => token.focus());
  return view;
}

/** Makes the user name field that password managers want beside a password. */
const userName = (): HTMLElement =>
  element("input", {
    type: "text",
    name: "username",
    autocomplete: "username",
    value: location.host,
    hidden: true,
  });

const tokenInput = () =>
  element("input", {
    id: "token",
    name: "token",
    type: "password",
    autocomplete: "current-password",
    required: true,
    spellcheck: "false",
  });
