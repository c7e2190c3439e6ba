using KgOrleans.CommandLine;
using KgOrleans.Storage;
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

    [Theory]
    [InlineData(true, "none of the 0 events is an impression of an item that exists")]
    [InlineData(false, "does not say which world it holds: pass --world")]
    public async Task A_store_names_its_world_and_a_history_without_impressions_is_refused_with_what_to_do(bool named, string reason)
    {
        var folder = Path.Combine(Path.GetTempPath(), "kg-replay-" + Guid.NewGuid().ToString("N"));
        try
        {
            using (var data = DataDirectory.Open(Path.Combine(folder, "data")))
            {
                if (named)
                    data.WriteDocument("catalogue", new Catalogue("mine"));
            }
            using var error = new StringWriter();
            string[] args = ["replay", "--data", Path.Combine(folder, "data"), "--schema", Schema, "--out", Path.Combine(folder, "x.kgrl")];

            Assert.Equal(ExitCode.Usage, await LabCommand.Create().RunAsync(args, TextWriter.Null, error));

            Assert.Contains(reason, error.ToString().ReplaceLineEndings(" "));
            Assert.Empty(Directory.EnumerateFiles(folder, "x.kgrl*"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Schema => Path.Combine(RepositoryRoot.Path, "training", "schema.json");

    private sealed record Catalogue(string WorldId);
}
