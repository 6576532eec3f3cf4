// Choosing several rows: counts them, shows the bar, marks the rows. The bar's buttons are plain form buttons.
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
