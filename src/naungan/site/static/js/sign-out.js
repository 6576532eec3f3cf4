// Signing out leaves nothing behind in this browser; the server says the same with Clear-Site-Data.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-signs-out]")) return;
  document.body.dataset.leaving = "";
  try { sessionStorage.clear(); localStorage.clear(); } catch { /* storage may be closed */ }
});
