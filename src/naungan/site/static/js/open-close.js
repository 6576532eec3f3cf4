// Dialogs, the navigation drawer and menus. Without this file they open by their address or as <details>.
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
