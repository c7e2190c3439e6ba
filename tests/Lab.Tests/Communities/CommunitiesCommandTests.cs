using System.Text.Json;
using KgOrleans.ClientTestSupport;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Tests.Communities;

[Trait("Suite", "Unit")]
public sealed class CommunitiesCommandTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kg-communities-").FullName;
    private FakeService _service = null!;

    private string Plan => Path.Combine(_folder, "plan.ndjson");

    public async ValueTask InitializeAsync() => _service = await FakeService.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Friends_become_a_community_of_their_own_and_of_the_works_of_its_creators()
    {
        await FindAsync();
        var run = await WriteAsync();
        Assert.Equal((ExitCode.Ok, ""), (run.Exit, run.Error));
        var ours = _service.Users["a0"].CommunityIds;
        Assert.Equal("stated", ours[0]);
        Assert.StartsWith("auto:", ours[1]);
        Assert.Equal(2, ours.Count);
        for (var i = 1; i < 6; i++)
            Assert.Equal([ours[1]], _service.Users[$"a{i}"].CommunityIds);
        Assert.NotEqual(ours[1], Assert.Single(_service.Users["b0"].CommunityIds));
        Assert.Empty(_service.Users["loner"].CommunityIds);
        // a1 made w1; w2's creator belongs nowhere, and what was discovered for it earlier goes.
        Assert.Equal(["fans", ours[1]], _service.Items["w1"].CommunityIds);
        Assert.Equal(["fans"], _service.Items["w2"].CommunityIds);
    }

    [Fact]
    public async Task Writing_again_changes_nothing()
    {
        await FindAsync();
        await WriteAsync();
        var patches = _service.Patches.Count;
        Assert.Equal(ExitCode.Ok, (await WriteAsync()).Exit);
        Assert.Equal(patches, _service.Patches.Count);
    }

    [Fact]
    public async Task A_dry_run_counts_and_writes_nothing()
    {
        await FindAsync();
        var run = await WriteAsync("--dry-run");
        Assert.Contains("would change", run.Out);
        Assert.Contains("│ users     │           12 │", run.Out);
        Assert.Empty(_service.Patches);
    }

    [Fact]
    public async Task What_another_wrote_in_between_stays()
    {
        await FindAsync();
        var once = 0;
        _service.BeforePatch = path =>
        {
            if (path != "users/a3" || Interlocked.Exchange(ref once, 1) == 1)
                return;
            _service.Users["a3"] = _service.Users["a3"] with { CommunityIds = ["joined"] };
            _service.Versions.AddOrUpdate(path, 2, (_, v) => v + 1);
        };
        Assert.Equal(ExitCode.Ok, (await WriteAsync()).Exit);
        Assert.Equal(1, once);
        Assert.Equal("joined", _service.Users["a3"].CommunityIds[0]);
        Assert.Equal(_service.Users["a2"].CommunityIds[^1], _service.Users["a3"].CommunityIds[1]);
    }

    [Fact]
    public async Task Users_who_are_gone_are_counted_and_the_others_written()
    {
        await FindAsync();
        _service.Users.TryRemove("a5", out _);
        var run = await WriteAsync();
        Assert.Equal(ExitCode.Ok, run.Exit);
        Assert.StartsWith("auto:", _service.Users["a4"].CommunityIds[^1]);
        Assert.False(_service.Users.ContainsKey("a5"));
    }

    [Theory]
    [InlineData("""{"userId":"a","community":"stated"}""")]
    [InlineData("""{"community":"auto:1"}""")]
    [InlineData("""{"userId":"a","itemId":"b","community":"auto:1"}""")]
    [InlineData("nonsense")]
    public async Task A_line_that_is_none_refuses_the_whole_plan(string line)
    {
        _service.Users["a"] = new UserDocument { UserId = "a" };
        await File.WriteAllLinesAsync(Plan, ["""{"userId":"a","community":"auto:1"}""", line]);
        var run = await WriteAsync();
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains("line 2", run.Error);
        Assert.Empty(_service.Patches);
    }

    [Theory]
    [InlineData("""{"userId":"a","itemId":"w"}""", "type: is required")]
    [InlineData("""{"userId":"a","itemId":"w","type":"like, play"}""", "type: must be one of")]
    [InlineData("""{"userId":"a","itemId":"w","type":"like","value":"x"}""", "value: must be a number")]
    public async Task An_event_of_no_type_is_refused_and_not_taken_for_an_impression(string line, string message)
    {
        var (users, events) = (Path.Combine(_folder, "u"), Path.Combine(_folder, "e"));
        await File.WriteAllTextAsync(users, """{"userId":"a"}""");
        await File.WriteAllTextAsync(events, line);
        var run = await LabRun.OfAsync("communities", "find", "--users", users, "--events", events, "--out", Plan);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains("e line 1: " + message, run.Error);
    }

    private async Task FindAsync()
    {
        foreach (var group in (string[])["a", "b"])
        {
            for (var i = 0; i < 6; i++)
                Put(new UserDocument { UserId = $"{group}{i}", Friends = [.. Enumerable.Range(0, 6).Where(j => j != i).Select(j => $"{group}{j}")], CommunityIds = group + i == "a0" ? ["stated", "auto:former"] : [] });
        }
        Put(new UserDocument { UserId = "loner" });
        _service.Items["w1"] = new ItemDocument { ItemId = "w1", CreatorId = "a1", CommunityIds = ["fans"] };
        _service.Items["w2"] = new ItemDocument { ItemId = "w2", CreatorId = "nobody", CommunityIds = ["fans", "auto:former"] };
        await WriteLinesAsync("users.ndjson", _service.Users.Values);
        await WriteLinesAsync("items.ndjson", _service.Items.Values);
        var run = await LabRun.OfAsync(
            "communities", "find", "--users", Path.Combine(_folder, "users.ndjson"), "--items", Path.Combine(_folder, "items.ndjson"), "--out", Plan);
        Assert.Equal((ExitCode.Ok, ""), (run.Exit, run.Error));
    }

    private void Put(UserDocument user) => _service.Users[user.UserId] = user;

    private Task WriteLinesAsync<T>(string file, IEnumerable<T> documents) =>
        File.WriteAllLinesAsync(Path.Combine(_folder, file), documents.Select(d => JsonSerializer.Serialize(d, KgJson.Options)));

    private Task<LabRun> WriteAsync(params string[] more) => LabRun.OfAsync(["communities", "write", Plan, "--url", _service.Url, .. more]);
}
