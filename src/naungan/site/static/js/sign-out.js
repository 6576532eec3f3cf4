// Signing out leaves nothing behind in this browser; the server says the same with Clear-Site-Data.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-signs-out]")) return;
  document.body.dataset.leaving = "";
  try { sessionStorage.clear(); localStorage.clear(); } catch { /* storage may be closed */ }
});
// htmx notes the address of the page in the browser's storage; nothing is to lie there, not even a case code.
const forget = () => sessionStorage.removeItem("htmx-current-path-for-history");
addEventListener("DOMContentLoaded", forget);
document.addEventListener("htmx:afterSettle", forget);
