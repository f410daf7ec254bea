/** Gives a module of Node's. */
export type BuiltIn = NodeJS.Process['getBuiltinModule'];
