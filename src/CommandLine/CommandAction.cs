using System.CommandLine;
using KgOrleans.Client;
using Spectre.Console;

namespace KgOrleans.CommandLine;

/// <summary>Turns what a command throws into a message on standard error and an exit code.</summary>
public static class CommandAction
{
    /// <summary>Sets the action of a command.</summary>
    public static void Run(this Command command, Func<ParseResult, Terminal, CancellationToken, Task<int>> action) =>
        command.SetAction((parsed, cancellation) => GuardAsync(parsed, action, cancellation));

    private static async Task<int> GuardAsync(
        ParseResult parsed, Func<ParseResult, Terminal, CancellationToken, Task<int>> action, CancellationToken cancellation)
    {
        var terminal = Terminal.Of(parsed);
        try
        {
            return await action(parsed, terminal, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            terminal.Error.MarkupLine("[yellow]cancelled[/]");
            return ExitCode.Cancelled;
        }
        catch (InputException e)
        {
            return Say(terminal, e.Message, ExitCode.Usage);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or InvalidDataException)
        {
            return Say(terminal, e.Message, ExitCode.Usage);
        }
        catch (ApiException e)
        {
            return Say(terminal, e.Message, e.IsCallersFault ? ExitCode.Usage : ExitCode.Failed);
        }
        catch (IOException e)
        {
            return Say(terminal, e.Message, ExitCode.Failed);
        }
    }

    private static int Say(Terminal terminal, string message, int exit)
    {
        terminal.Error.Write(new Text("error: ", new Style(Color.Red)));
        terminal.Error.WriteLine(message);
        return exit;
    }
}
