// Says to screen readers what changed, puts the focus where it is needed, and lets messages go.
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
