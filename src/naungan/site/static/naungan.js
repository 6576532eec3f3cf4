{
const root = document.documentElement;
root.classList.add("has-script");
const show = (theme) => {
if (theme === "auto") delete root.dataset.theme;
else root.dataset.theme = theme;
for (const button of document.querySelectorAll("[data-theme-choice]"))
button.setAttribute("aria-pressed", String(button.dataset.themeChoice === theme));
};
show(root.dataset.theme || "auto");
document.addEventListener("click", (event) => {
const choice = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
if (!choice) return;
event.preventDefault();
const age = choice === "auto" ? 0 : 31536000;
const safe = location.protocol === "https:" ? "; Secure" : "";
document.cookie = `theme=${choice}; Path=/; Max-Age=${age}; SameSite=Lax${safe}`;
show(choice);
});
}
{
const region = document.getElementById("announcer");
const say = (text) => {
if (!region || !text) return;
region.textContent = "";
setTimeout(() => { region.textContent = text; }, 60);
};
document.addEventListener("naungan:say", (event) => say(event.detail));
document.addEventListener("htmx:afterSwap", (event) => {
const part = event.detail.target;
const summary = part.querySelector?.("[data-focus]");
if (summary) summary.focus();
else say(part.querySelector?.("[data-announce]")?.dataset.announce || part.dataset?.announce);
});
for (const name of ["htmx:responseError", "htmx:sendError"])
document.addEventListener(name, () => {
const text = region?.dataset.failed;
say(text);
toast(text);
});
document.addEventListener("allauth.error", (event) => {
event.preventDefault();
toast(region?.dataset.passkey);
say(region?.dataset.passkey);
});
function toast(text) {
const model = document.getElementById("toast-model");
if (!model || !text) return;
const copy = model.content.cloneNode(true);
copy.querySelector(".toast__text").textContent = text;
document.querySelector(".toasts").append(copy);
}
document.addEventListener("click", (event) => {
event.target.closest("[data-dismiss]")?.closest(".toast, .callout, .lock-notice")?.remove();
});
document.querySelector("[data-focus]")?.focus();
}
{
const refresh = () => {
for (const bar of document.querySelectorAll("[data-bulk]")) {
const picks = [...document.querySelectorAll(`[data-pick="${bar.dataset.bulk}"]`)];
const chosen = picks.filter((pick) => pick.checked);
bar.classList.toggle("bulk-bar--on", chosen.length > 0);
const count = bar.querySelector("[data-count]");
if (count) count.textContent = count.dataset.count.replace("{count}", chosen.length);
for (const pick of picks) pick.closest("[data-row]")?.classList.toggle("table__row--chosen", pick.checked);
const every = document.querySelector(`[data-pick-all="${bar.dataset.bulk}"]`);
if (!every) continue;
every.checked = picks.length > 0 && chosen.length === picks.length;
every.indeterminate = chosen.length > 0 && chosen.length < picks.length;
}
};
const set = (name, value) => {
for (const pick of document.querySelectorAll(`[data-pick="${name}"]`)) pick.checked = value;
};
document.addEventListener("change", (event) => {
const { pick, pickAll } = event.target.dataset;
if (pickAll) set(pickAll, event.target.checked);
if (pick || pickAll) refresh();
});
document.addEventListener("click", (event) => {
const name = event.target.closest("[data-pick-none]")?.dataset.pickNone;
if (!name) return;
event.preventDefault();
set(name, false);
refresh();
});
document.addEventListener("htmx:afterSwap", refresh);
refresh();
}
{
let changed = null;
const guarded = (node) => node.closest?.("form[data-guard]");
document.addEventListener("input", (event) => { changed = guarded(event.target) || changed; });
document.addEventListener("submit", (event) => {
const form = event.target;
if (form === changed) changed = null;
if (form.method !== "post" || form.hasAttribute("hx-post")) return;
if (form.dataset.sent) return event.preventDefault();
form.dataset.sent = "yes";
event.submitter?.setAttribute("aria-busy", "true");
setTimeout(() => { delete form.dataset.sent; event.submitter?.removeAttribute("aria-busy"); }, 4000);
});
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful && event.target === changed) changed = null; });
addEventListener("beforeunload", (event) => {
if (changed?.isConnected && !("leaving" in document.body.dataset)) event.preventDefault();
});
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
document.addEventListener("click", (event) => {
const peek = event.target.closest("[data-peek]");
if (!peek) return;
const box = document.getElementById(peek.dataset.peek);
const shown = box.type === "text";
box.type = shown ? "password" : "text";
peek.setAttribute("aria-pressed", String(!shown));
});
document.addEventListener("change", (event) => {
const drop = event.target.closest?.("[data-drop]");
if (drop) drop.querySelector("[data-chosen]").textContent = [...event.target.files].map((file) => file.name).join(", ");
if (event.target.matches?.("select[data-submits]")) event.target.form.requestSubmit();
});
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]])
document.addEventListener(name, (event) => {
const drop = event.target.closest?.("[data-drop]");
if (!drop) return;
event.preventDefault();
drop.classList.toggle("file-drop--over", over);
const box = drop.querySelector("input");
if (name !== "drop" || !event.dataTransfer.files.length) return;
box.files = event.dataTransfer.files;
box.dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("click", (event) => { if (event.target.closest("[data-print]")) print(); });
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").trim().toLowerCase();
const narrow = (box) => {
const typed = plain(box.value);
for (const word of document.getElementById(box.dataset.narrows).children) {
const text = plain(word.textContent);
word.hidden = !text.includes(typed);
word.style.order = text.startsWith(typed) ? 0 : 1;
}
};
document.addEventListener("input", (event) => { if (event.target.dataset.narrows) narrow(event.target); });
document.addEventListener("keydown", (event) => {
const box = event.target;
if (event.key !== "Enter" || !box.dataset?.narrows) return;
event.preventDefault();
const found = [...document.getElementById(box.dataset.narrows).children].filter((word) => !word.hidden);
const first = found.find((word) => plain(word.textContent).startsWith(plain(box.value))) ?? found[0];
if (!plain(box.value) || !first) return;
first.querySelector("input").checked = true;
first.dispatchEvent(new Event("input", { bubbles: true }));
box.closest("details").before(first);
box.value = "";
narrow(box);
});
}
{
const lock = document.querySelector("[data-idle-seconds]");
if (lock) {
const limit = Number(lock.dataset.idleSeconds) * 1000;
const warning = Number(lock.dataset.warnSeconds || 60) * 1000;
const left = lock.querySelector("[data-left]");
let seen = Date.now();
let told = seen;
const alive = () => {
if (!lock.hidden) return;
seen = Date.now();
if (lock.dataset.keepUrl && seen - told > limit / 3) {
told = seen;
fetch(lock.dataset.keepUrl, { credentials: "same-origin", cache: "no-store" }).catch(() => {});
}
};
for (const name of ["pointerdown", "keydown", "input", "scroll"]) addEventListener(name, alive, { passive: true, capture: true });
lock.querySelector("[data-stay]")?.addEventListener("click", () => {
lock.hidden = true;
told = 0;
alive();
});
setInterval(() => {
const rest = limit - (Date.now() - seen);
const near = rest <= warning;
if (near && lock.hidden) document.dispatchEvent(new CustomEvent("naungan:say", { detail: lock.dataset.say }));
lock.hidden = !near;
if (left) left.textContent = Math.max(0, Math.ceil(rest / 1000));
if (rest > 0) return;
document.body.dataset.leaving = "";
lock.querySelector("form").requestSubmit();
}, 1000);
}
}
{
const typing = (node) => node.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName);
const rows = () => [...document.querySelectorAll("[data-row]")];
const move = (step) => {
const all = rows();
if (!all.length) return;
const at = all.findIndex((row) => row.classList.contains("table__row--at"));
const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
all[at]?.classList.remove("table__row--at");
next.classList.add("table__row--at");
(next.querySelector("a[href]") || next).focus();
};
const acts = {
"/": () => document.querySelector("[data-search]")?.focus(),
j: () => move(1),
k: () => move(-1),
x: () => document.querySelector(".table__row--at [data-pick]")?.click(),
"?": () => document.getElementById("shortcuts")?.showModal?.(),
};
document.addEventListener("keydown", (event) => {
const act = acts[event.key];
const tick = event.target.matches?.("[data-pick]");
if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
if ((typing(event.target) && !tick) || document.querySelector("dialog[open]")) return;
event.preventDefault();
act();
});
}
{
const open = (dialog) => { if (!dialog.open) dialog.showModal(); };
document.addEventListener("click", (event) => {
const opener = event.target.closest("[data-opens]");
if (opener) {
const dialog = document.getElementById(opener.dataset.opens);
if (dialog?.showModal) { event.preventDefault(); open(dialog); }
}
const closer = event.target.closest("[data-closes]");
const dialog = closer?.closest("dialog[open]");
if (dialog) { event.preventDefault(); dialog.close(); }
if (event.target.matches?.("dialog[open]")) event.target.close();
for (const menu of document.querySelectorAll("details.menu[open]"))
if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
if (event.key !== "Escape") return;
const menu = document.querySelector("details.menu[open]");
if (menu) {
menu.open = false;
menu.querySelector("summary").focus();
} else if (location.hash === "#navigation") {
location.hash = "content";
}
});
addEventListener("hashchange", () => {
if (location.hash === "#navigation") document.querySelector("#navigation a[href]")?.focus();
});
const asked = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
if (asked && asked.matches?.("dialog.dialog:not(.dialog--section)")) open(asked);
}
{
const link = document.querySelector("[data-quick-exit]");
if (link) {
let pressed = 0;
const leave = (event) => {
event.preventDefault();
document.body.hidden = true;
try { sessionStorage.clear(); localStorage.clear(); } catch { /* storage may be closed */ }
location.replace(link.href);
};
link.addEventListener("click", leave);
document.addEventListener("keydown", (event) => {
if (event.key !== "Escape") return;
if (event.timeStamp - pressed < 900) leave(event);
pressed = event.timeStamp;
});
}
}
{
document.addEventListener("submit", (event) => {
if (!event.target.matches("[data-signs-out]")) return;
document.body.dataset.leaving = "";
try { sessionStorage.clear(); localStorage.clear(); } catch { /* storage may be closed */ }
});
const forget = () => sessionStorage.removeItem("htmx-current-path-for-history");
addEventListener("DOMContentLoaded", forget);
document.addEventListener("htmx:afterSettle", forget);
}
