// Leaves at once, without a way back: Escape pressed twice, or the button.
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
