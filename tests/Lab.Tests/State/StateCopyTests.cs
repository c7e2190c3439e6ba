using System.Text;
using Azure.Storage.Blobs;
using KgOrleans.CommandLine;
using KgOrleans.Lab.State;
using KgOrleans.Storage.Sqlite;
using KgOrleans.TestSupport;

namespace KgOrleans.Lab.Tests.State;

[Trait("Suite", "Cluster")]
public sealed class StateCopyTests : IDisposable
{
    private static readonly StoredGrainState[] States =
    [
        new("user", "user/u1", "{\"version\":1}"u8.ToArray()),
        new("user", "user/a-b:c.d", "{\"version\":2}"u8.ToArray()),
        new("scene", "scene/点歌", Encoding.UTF8.GetBytes("{\"title\":\"点歌\"}")),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("kg-copy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task States_go_to_a_container_and_back_unchanged_and_what_is_there_is_left_alone()
    {
        Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");
        await using var azurite = await AzuriteServer.StartAsync();
        var connection = Path.Combine(_folder, "connection");
        await File.WriteAllTextAsync(connection, azurite.ConnectionString + "\n");
        await FillAsync("a.db", States);

        var there = await CopyAsync("sqlite:" + FileOf("a.db"), "blob:states");
        Assert.Equal((ExitCode.Ok, "3 states copied, 0 were there already"), (there.Exit, there.Out[..37]));
        var container = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient("states");
        var names = new List<string>();
        await foreach (var blob in container.GetBlobsAsync())
            names.Add(blob.Name);
        Assert.Equal(["scene-scene/点歌.json", "user-user/a-b:c.d.json", "user-user/u1.json"], names.Order(StringComparer.Ordinal));

        Assert.Equal(ExitCode.Ok, (await CopyAsync("blob:states", "sqlite:" + FileOf("b.db"))).Exit);
        AssertSame(States, "b.db");

        await FillAsync("c.db", [States[0] with { Payload = "{\"version\":9}"u8.ToArray() }]);
        var partly = await CopyAsync("blob:states", "sqlite:" + FileOf("c.db"));
        Assert.Equal((ExitCode.Failed, "2 states copied, 0 were there already, 1 were there with other content"), (partly.Exit, partly.Out[..70]));
        AssertSame([States[0] with { Payload = "{\"version\":9}"u8.ToArray() }, .. States[1..]], "c.db");

        await container.GetBlobClient("notes.txt").UploadAsync(BinaryData.FromString("x"));
        var foreign = await CopyAsync("blob:states", "sqlite:" + FileOf("d.db"));
        Assert.Equal(ExitCode.Usage, foreign.Exit);
        Assert.Contains("'notes.txt'", foreign.Error, StringComparison.Ordinal);

        Task<LabRun> CopyAsync(string from, string to) => LabRun.OfAsync("state", "copy", "--from", from, "--to", to, "--blob-connection-file", connection);
    }

    [Fact]
    public async Task A_file_that_is_in_use_is_refused()
    {
        await FillAsync("a.db", States);
        await using var silo = SqliteStateLoader.Open(FileOf("a.db"));
        var run = await LabRun.OfAsync("state", "copy", "--from", "sqlite:" + FileOf("a.db"), "--to", "sqlite:" + FileOf("b.db"));
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.Contains("in use", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite:missing.db", "sqlite:new.db", "no such file")]
    [InlineData("redis:x", "sqlite:new.db", "sqlite:PATH or blob:CONTAINER")]
    [InlineData("sqlite:x.db", "sqlite:x.db", "the same place")]
    public async Task Bad_places_are_named_and_nothing_is_made(string from, string to, string reason)
    {
        var run = await LabRun.OfAsync(
            "state", "copy", "--from", from.Replace("sqlite:", "sqlite:" + _folder + "/", StringComparison.Ordinal), "--to",
            to.Replace("sqlite:", "sqlite:" + _folder + "/", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains(reason, run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("user-user/u1.json", "user", "user/u1")]
    [InlineData("user-user/a-b/c.json.json", "user", "user/a-b/c.json")]
    public void A_blobs_name_splits_at_its_first_hyphen(string blob, string state, string grain)
    {
        Assert.True(BlobStatePlace.TrySplit(blob, out var stateName, out var grainId));
        Assert.Equal((state, grain), (stateName, grainId));
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("-user/u1.json")]
    [InlineData("user-u1.json")]
    [InlineData("a/user-user.json")]
    public void Other_names_are_no_states(string blob) => Assert.False(BlobStatePlace.TrySplit(blob, out _, out _));

    private string FileOf(string name) => Path.Combine(_folder, name);

    private async Task FillAsync(string name, StoredGrainState[] states)
    {
        await using var file = SqliteStateLoader.Open(FileOf(name));
        foreach (var state in states)
            Assert.Null(await file.AddAsync(state, TestContext.Current.CancellationToken));
    }

    private void AssertSame(StoredGrainState[] expected, string name)
    {
        using var reader = SqliteStateReader.Open(FileOf(name));
        Assert.Equal(
            expected.Select(s => $"{s.StateName} {s.GrainId} {Encoding.UTF8.GetString(s.Payload)}").Order(StringComparer.Ordinal),
            reader.ReadAll().Select(s => $"{s.StateName} {s.GrainId} {Encoding.UTF8.GetString(s.Payload)}").Order(StringComparer.Ordinal));
    }
}
