import { attempt } from "./attempt.js";
import { button, element } from "./element.js";
import { ImagesView } from "./images-view.js";
import { logo } from "./logo.js";
import { problemStrip } from "./problem-strip.js";
import { rememberedSession, signInByCode, signOut, takeCode, type Session } from "./session.js";
import { signInView } from "./sign-in-view.js";
import { confirmed } from "./question.js";
import { newsOf } from "./row-news.js";
import { toastArea } from "./toast.js";
import { errorText } from "./words.js";
import { TransfersView } from "./transfers-view.js";

function show(view: HTMLElement): void {
  document.body.replaceChildren(view);
}

function open(session: Session): void {
  const images: ImagesView = new ImagesView(session, (image) => transfers.download(image));
  const transfers: TransfersView = new TransfersView(session.client, {
    done: (transfer, hadFocus) => images.announce(newsOf(transfer), hadFocus),
    changed: () => images.refresh(),
    isTaken: (name) => images.has(name),
  });
  const head = element(
    "header",
    { class: "top" },
    logo(),
    element("h1", { tabindex: "-1" }, "Images"),
    element("span", { class: "quiet host" }, location.host),
    button("Sign out", signOut, { class: "quiet" }),
  );
  show(
    element(
      "div",
      { class: "page" },
      head,
      element("main", {}, problemStrip(), transfers.node, images.node),
      toastArea(),
    ),
  );
  void attempt(() => images.refresh());
  void attempt(() => transfers.showUnfinished());
}

function openSignedIn(session: Session): void {
  open(session);
  document.querySelector("h1")?.focus();
}

/** Signs in with a one-time code. If a session exists, asks before replacing it. */
async function useCode(code: string): Promise<void> {
  if (rememberedSession() !== null) {
    await attempt(() => replaceSession(code));
    return;
  }
  await signInByCode(code).then(openSignedIn, (error: unknown) =>
    show(signInView(openSignedIn, errorText(error))),
  );
}

async function replaceSession(code: string): Promise<void> {
  if (!(await confirmed(signInAgain))) return;
  await signInByCode(code);
  location.reload();
}

const signInAgain = {
  title: "Sign in again?",
  text: "You are signed in already. The link that you opened signs in with the token that the server started with.",
  yes: "Sign in again",
  no: "Stay signed in",
};

const session = rememberedSession();
const code = takeCode();
if (session !== null) open(session);
else if (code === null) show(signInView(openSignedIn));
if (code !== null) void useCode(code);
addEventListener("hashchange", () => {
  const other = takeCode();
  if (other !== null) void useCode(other);
});
