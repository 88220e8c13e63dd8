// Conversations and settings of this browser. Nothing leaves it but the requests themselves.

const conversationsKey = 'xllm.conversations';
const parametersKey = 'xllm.parameters';
const MaxConversations = 100;

function read(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? fallback;
  } catch {
    return fallback;
  }
}

export const defaults = Object.freeze({
  model: '', system: '', temperature: 1, top_p: 1, max_tokens: 1024, seed: '', probabilities: false,
});

export const parameters = {
  get: () => ({ ...defaults, ...read(parametersKey, {}) }),
  set: values => localStorage.setItem(parametersKey, JSON.stringify(values)),
};

export const conversations = {
  all: () => read(conversationsKey, []),
  /** Puts it first; drops the oldest when there are too many or the browser's space is used up. */
  save(conversation) {
    let all = [conversation, ...this.all().filter(c => c.id !== conversation.id)].slice(0, MaxConversations);
    while (all.length) {
      try {
        localStorage.setItem(conversationsKey, JSON.stringify(all));
        return;
      } catch {
        all = all.slice(0, -1);
      }
    }
  },
  remove(id) {
    localStorage.setItem(conversationsKey, JSON.stringify(this.all().filter(c => c.id !== id)));
  },
};
