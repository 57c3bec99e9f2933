/** Text of one line with something to read in it. */
export const ONE_LINE = /^\P{Cc}*[^\s\p{C}]\P{Cc}*$/u;
