// Light, dark, or as the system says.

const key = 'xllm.theme';

export const theme = {
  get: () => localStorage.getItem(key) ?? 'auto',
  set(value) {
    localStorage.setItem(key, value);
    this.apply();
  },
  apply() {
    const value = this.get();
    if (value === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = value;
  },
};
