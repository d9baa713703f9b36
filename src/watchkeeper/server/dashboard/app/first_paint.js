// Runs before anything is drawn, so that the page never flashes in the other theme.
try {
  const theme = localStorage.getItem("watchkeeper.theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing shows what the system says.
}
