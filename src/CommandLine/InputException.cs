namespace KgOrleans.CommandLine;

/// <summary>The caller's arguments or files cannot be used; the message says what to do. Ends the command with <see cref="ExitCode.Usage"/>.</summary>
public sealed class InputException(string message) : Exception(message);
