/** The names of nodes and projects. */

/** services/core/projects/operations.py */
export const LONGEST_TITLE = 200;
