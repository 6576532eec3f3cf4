// Forms: warn before work is lost, one press one sending, show a password, name a dropped file, count letters.
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
// A page kept for the Back button must ask the server again.
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
// A long list narrows to what is typed; Enter takes the first one shown.
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
