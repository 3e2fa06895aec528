// Package folder is what makes one data folder belong to one running program,
// and lets other programs of the same user speak with it: a lock, and a socket.
//
// The lock ends with the process, however it ends; no file has to be removed by
// hand. The socket is a Unix socket, which Windows 10 and later have too, and
// lies in the folder, so that whoever may not enter the folder cannot speak
// with the program either.
//
// What such a program keeps in small files it writes with Write: the old one or the new.
package folder
