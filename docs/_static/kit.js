// The kit's pictures have a light and a dark side, and look at this mark of JupyterLab's to know which to show.
(() => {
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const tell = () => {
    const theme = document.body.dataset.theme;
    const dark = theme === "dark" || (theme !== "light" && system.matches);
    document.documentElement.dataset.jpThemeLight = String(!dark);
  };
  new MutationObserver(tell).observe(document.body, { attributes: true, attributeFilter: ["data-theme"] });
  system.addEventListener("change", tell);
  tell();
})();
