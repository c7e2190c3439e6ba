using KgOrleans.CommandLine;
using KgOrleans.TestSupport;

namespace KgOrleans.Lab.Tests.Replay;

[Trait("Suite", "Unit")]
public class ReplayCommandTests
{
    [Theory]
    [InlineData("replay --out x --schema y")]
    [InlineData("replay --out x --demo-world --data d --schema y")]
    [InlineData("replay --out x --demo-world")]
    [InlineData("replay --out x --demo-world --schema y --bundle z")]
    [InlineData("replay --out x --demo-world --schema y --shadows 1000")]
    [InlineData("replay --out x --demo-world --schema /nowhere/schema.json")]
    [InlineData("replay --out x --data /nowhere/data --schema SCHEMA")]
    [InlineData("evaluate --bundle /nowhere/bundle")]
    public async Task Arguments_that_cannot_be_used_end_with_the_usage_code(string line)
    {
        var args = line.Replace("SCHEMA", Schema, StringComparison.Ordinal).Split(' ');

        Assert.Equal(ExitCode.Usage, await LabCommand.Create().RunAsync(args, TextWriter.Null, TextWriter.Null));
    }

    private static string Schema => Path.Combine(RepositoryRoot.Path, "training", "schema.json");
}
