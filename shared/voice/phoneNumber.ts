/** A phone number in E.164 form, `+61255501234`, as far as form alone can tell. */
export const e164 = /^\+[1-9]\d{6,14}$/;

export const isE164 = (number: string) => e164.test(number);
