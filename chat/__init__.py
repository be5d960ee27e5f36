"""The live moment: visitors, sessions, the line, sockets. What is said is a message of a ticket."""
