using KgOrleans.CommandLine;

namespace KgOrleans.Cli.Tests;

/// <summary>One run of the program inside the test.</summary>
public sealed record CliRun(int Exit, string Out, string Error)
{
    public static async Task<CliRun> OfAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await KgCommand.Create().RunAsync(args, output, error);
        return new CliRun(exit, output.ToString(), error.ToString());
    }
}
