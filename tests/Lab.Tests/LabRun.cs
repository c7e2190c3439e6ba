using KgOrleans.CommandLine;

namespace KgOrleans.Lab.Tests;

/// <summary>One run of the program inside the test.</summary>
public sealed record LabRun(int Exit, string Out, string Error)
{
    public static async Task<LabRun> OfAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await LabCommand.Create().RunAsync(args, output, error);
        return new LabRun(exit, output.ToString(), error.ToString());
    }
}
