// Light, dark or as the device says: kept in a cookie so that the server draws the page right at once.
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
