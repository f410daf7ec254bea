/** A member that every object has is no name: whoever looks a tool up would find it where there is none. */
export const toolNamePattern = /^(?!constructor$)[a-z][a-z0-9_]{0,39}$/;

/** What is said of a name that is none. */
export const toolNameRule =
  'must be 1 to 40 of a-z, 0-9 and _, beginning with a letter, and not "constructor"';

export const isToolName = (name: string) => toolNamePattern.test(name);
