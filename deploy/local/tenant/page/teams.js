// The Teams-like page: be a person of the demo, read their chat with the bot, press buttons, write. Whatever
// somebody else wrote enters the page as text alone (`textContent`), or through Microsoft's own card renderer.

import { hostConfig } from "./host-config.js";

const pollMs = 700;
const hiddenPollMs = 4000;
const callMs = 20_000;

const at = (id) => document.getElementById(id);
const page = {
  people: at("people"),
  title: at("chat-title"),
  about: at("chat-about"),
  log: at("log"),
  messages: at("messages"),
  status: at("status"),
  composer: at("composer"),
  text: at("text"),
};
const { AdaptiveCard, ExecuteAction, HostConfig } = globalThis.AdaptiveCards;
// Texts stay plain: nothing of a card may become markup.
AdaptiveCard.onProcessMarkdown = undefined;

let people = [];
/** The chosen person's user principal name, from the address, so that a window can be bookmarked. */
let chosen = "";
/** What is shown of each message, by its id. */
let shown = new Map();
/** Where the page itself left the chat. A reader who moved it since then is left alone. */
let placedAt = 0;

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

async function call(path, body) {
  const response = await fetch(`/emulator/${path}`, {
    signal: AbortSignal.timeout(callMs),
    ...(body === undefined
      ? {}
      : {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? `the emulator answered ${response.status}`);
  return answer;
}

const say = (text) => {
  if (page.status.textContent !== text) page.status.textContent = text;
};

// ---- People

const marks = ({ groups, roles, accountEnabled }) =>
  [...groups, ...roles, ...(accountEnabled ? [] : ["account disabled"])].join(", ");

async function showPeople() {
  people = await call("people");
  const customers = [...new Set(people.map(({ customer }) => customer))];
  page.people.replaceChildren(
    ...customers.flatMap((customer) => {
      const list = make("ul", "");
      list.append(...people.filter((one) => one.customer === customer).map(personItem));
      return [make("h3", "", customer), list];
    }),
  );
}

function personItem(person) {
  const button = make("button", "");
  button.type = "button";
  button.dataset.person = person.person;
  button.append(
    make("span", "", person.displayName),
    make("span", "hint", [person.jobTitle, marks(person)].filter(Boolean).join(" · ")),
  );
  button.addEventListener("click", () => {
    location.hash = person.person;
    if (chosen === person.person) showChat();
  });
  const item = make("li", "");
  item.append(button);
  return item;
}

function choose() {
  const wanted = decodeURIComponent(location.hash.slice(1));
  const person = people.find((one) => one.person === wanted);
  chosen = person?.person ?? "";
  shown = new Map();
  page.messages.replaceChildren();
  placedAt = 0;
  say("");
  for (const button of page.people.querySelectorAll("button"))
    button.setAttribute("aria-current", String(button.dataset.person === chosen));
  page.composer.hidden = person === undefined;
  if (person === undefined) {
    document.body.dataset.view = "people";
    return;
  }
  page.title.textContent = person.displayName;
  page.about.textContent = `${person.person} · chat with the bot NIIVO`;
  document.title = `${person.displayName} · NIIVO tenant emulator`;
  showChat();
  void refresh();
}

function showChat() {
  document.body.dataset.view = "chat";
  // On a phone the focus would open its keyboard over the chat.
  (matchMedia("(min-width: 44rem)").matches ? page.text : page.log).focus();
}

// ---- The chat

async function refresh() {
  const person = chosen;
  if (person === "") return;
  try {
    const { messages, botBlocked } = await call(`chats?person=${encodeURIComponent(person)}`);
    if (person !== chosen) return;
    showMessages(messages);
    page.about.textContent = `${person} · ${botBlocked ? "has blocked the bot" : "chat with the bot NIIVO"}`;
    if (page.status.dataset.kind === "away") report("", "");
  } catch {
    report("away", "The emulator does not answer. Trying again.");
  }
}

function report(kind, text) {
  page.status.dataset.kind = kind;
  say(text);
}

function showMessages(messages) {
  const { log } = page;
  const isFollowing = Math.abs(log.scrollTop - placedAt) < 4;
  let last;
  for (const message of messages) {
    const mark = JSON.stringify([message.text, message.card]);
    const known = shown.get(message.id);
    if (known?.mark === mark) continue;
    const item = known?.item ?? make("li", "");
    const hadFocus = item.contains(document.activeElement);
    item.className = [message.author === "person" ? "mine" : "", message.card ? "card" : ""].join(
      " ",
    );
    item.replaceChildren(...contentOf(message));
    item.tabIndex = -1;
    if (known === undefined) page.messages.append(item);
    else if (hadFocus) item.focus(); // The pressed button is gone; the reader stays where they were.
    shown.set(message.id, { item, mark });
    last = hadFocus || isFollowing ? item : last;
  }
  const ids = new Set(messages.map(({ id }) => id));
  for (const [id, { item }] of shown) {
    if (ids.has(id)) continue;
    item.remove();
    shown.delete(id);
  }
  if (last !== undefined) scrollTo(last);
}

/** Shows the whole of it, or its top where it is taller than the chat: a card says first how it stands. */
function scrollTo(item) {
  const { log } = page;
  const isTall = item.offsetHeight > log.clientHeight - 40;
  item.scrollIntoView({ block: isTall ? "start" : "nearest" });
  placedAt = log.scrollTop;
}

function contentOf(message) {
  const who = message.author === "bot" ? "NIIVO (bot)" : "You";
  const time = new Date(message.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const changed = message.updated > 0 ? " · changed" : "";
  const from = make("p", "from", `${who}, ${time}${changed}`);
  const words = message.text === "" ? [] : [wordsOf(message)];
  return [from, ...words, ...(message.card ? [cardOf(message)] : [])];
}

// As Teams does, an address that the bot writes can be followed. It stays text: nothing of it is markup.
function wordsOf({ author, text }) {
  const words = make("p", "words", author === "bot" ? "" : text);
  if (author !== "bot") return words;
  for (const part of text.split(/(https?:\/\/[^\s<>"]+)/)) {
    const address = URL.canParse(part) && /^https?:$/.test(new URL(part).protocol);
    const piece = address ? make("a", "", part) : document.createTextNode(part);
    if (address) Object.assign(piece, { href: part, target: "_blank", rel: "noreferrer" });
    words.append(piece);
  }
  return words;
}

function cardOf(message) {
  const card = new AdaptiveCard();
  card.hostConfig = new HostConfig(hostConfig);
  card.parse(message.card);
  const frame = make("div", "");
  card.onExecuteAction = (action) => void press(message.id, action, card, frame);
  const rendered = card.render();
  frame.append(rendered ?? make("p", "words", "This card cannot be shown."));
  return frame;
}

async function press(activityId, action, card, frame) {
  if (!(action instanceof ExecuteAction)) {
    answer(frame, "This emulator presses Action.Execute only.");
    return;
  }
  const buttons = [...frame.querySelectorAll("button")];
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  const inputs = Object.fromEntries(card.getAllInputs().map(({ id, value }) => [id, value]));
  try {
    const result = await call("press", { person: chosen, activityId, verb: action.verb, inputs });
    answer(frame, textOf(result));
  } catch (error) {
    answer(frame, `Not pressed: ${error.message}`);
  }
  for (const button of buttons) button.removeAttribute("aria-disabled");
  await refresh();
}

/** What a Teams client shows of the bot's answer to a press. */
function textOf({ statusCode, value, type }) {
  if (typeof value === "string" && type.startsWith("application/")) return value;
  if (typeof value?.message === "string") return value.message;
  return statusCode === 200 ? "" : `Something went wrong (${statusCode}). Please try again.`;
}

function answer(frame, text) {
  frame.querySelector(".answer")?.remove();
  if (text === "") return;
  const line = make("p", "answer", text);
  frame.append(line);
  line.scrollIntoView({ block: "nearest" });
}

// ---- Writing

page.composer.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = page.text.value.trim();
  if (text === "" || chosen === "") return;
  page.text.value = "";
  report("", "");
  try {
    const { httpStatus } = await call("say", { person: chosen, text });
    if (httpStatus >= 400)
      report("unsent", `The bot did not take it (${httpStatus}). Send it again.`);
  } catch (error) {
    page.text.value = text;
    report("unsent", `Not sent: ${error.message}`);
  }
  await refresh();
});

page.text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  page.composer.requestSubmit();
});

at("back").addEventListener("click", () => {
  document.body.dataset.view = "people";
  page.people.querySelector("[aria-current=true]")?.focus();
});

// ---- Start

page.log.tabIndex = 0; // The keyboard scrolls it.

async function poll() {
  await refresh();
  setTimeout(() => void poll(), document.hidden ? hiddenPollMs : pollMs);
}

try {
  await showPeople();
  addEventListener("hashchange", choose);
  choose();
  void poll();
} catch {
  report("away", "The emulator does not answer. Load the page again.");
}
