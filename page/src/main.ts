import { attempt } from "./attempt.js";
import { button, element } from "./element.js";
import { ImagesView } from "./images-view.js";
import { logo } from "./logo.js";
import { problemStrip } from "./problem-strip.js";
import { rememberedSession, signOut, type Session } from "./session.js";
import { signInView } from "./sign-in-view.js";
import { newsOf } from "./row-news.js";
import { toastArea } from "./toast.js";
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
    element("h1", {}, "Images"),
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

const session = rememberedSession();
if (session === null) show(signInView(open));
else open(session);
