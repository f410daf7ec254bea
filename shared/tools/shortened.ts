const longest = 500;

/** Words for operators that name what somebody else has named: no longer than a log line and a row can bear. */
export const shortened = (words: string): string =>
  words.length > longest ? `${words.slice(0, longest - 1)}…` : words;
