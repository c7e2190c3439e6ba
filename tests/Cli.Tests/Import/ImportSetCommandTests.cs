using System.Text;
using System.Text.Json;
using KgOrleans.Cli.Import;
using KgOrleans.Client;
using KgOrleans.ClientTestSupport;
using KgOrleans.CommandLine;
using KgOrleans.Import.Sets;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Cli.Tests.Import;

[Trait("Suite", "Unit")]
public sealed class ImportSetCommandTests : ServiceTests
{
    [Fact]
    public async Task A_set_arrives_and_the_summary_says_what_was_refused_and_what_to_do_next()
    {
        var run = await CliRun.OfAsync("import", "hetrec-lastfm", SampleSets.SmallHetRec(Folder), "--url", Service.Url);
        Assert.Equal(ExitCode.Ok, run.Exit);
        Assert.Equal((4, 3, 4), (Service.Items.Count, Service.Users.Count, Service.Events.Count));
        Assert.All(Service.Items.Values, i => Assert.Equal("hetrec-lastfm-2k", i.WorldId));
        Assert.All(Service.Users.Values, u => Assert.Equal("hetrec-lastfm-2k", u.WorldId));
        Assert.Contains("rejected user_taggedartists.dat: 1 x dated before 2000", run.Out);
        Assert.Contains("line 6: 10 | 2 | 1 | 1 | 9 | 1956", run.Out);
        Assert.Contains("times: moved by", run.Out);
        Assert.Contains($"next: kg recommend 10 --url {Service.Url}", run.Out);
        Assert.Contains("events: 4 of 4", run.Error);
    }

    [Fact]
    public async Task A_set_with_a_file_of_which_every_row_is_refused_is_not_sent()
    {
        var path = SampleSets.SmallKuaiRand(Folder, music: "none");
        var run = await CliRun.OfAsync("import", "kuairand", path, "--url", Service.Url);
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.Contains("every row of video_features_basic_pure.csv was refused; nothing was sent", run.Out);
        Assert.Equal((0, 0), (Service.Items.Count, Service.Users.Count));
    }

    [Fact]
    public async Task A_set_without_rows_has_no_newest_time()
    {
        (string Name, string Columns)[] files =
        [
            ("artists.dat", "id\tname"), ("tags.dat", "tagID\ttagValue"), ("user_artists.dat", "userID\tartistID\tweight"),
            ("user_friends.dat", "userID\tfriendID"), ("user_taggedartists.dat", "userID\tartistID\ttagID\tday\tmonth\tyear"),
        ];
        var path = Folder.Zip("empty.zip", [.. files.Select(f => (f.Name, Encoding.UTF8.GetBytes(f.Columns + "\n")))]);
        var run = await CliRun.OfAsync("import", "hetrec-lastfm", path, "--url", Service.Url);
        Assert.Equal(ExitCode.Ok, run.Exit);
        Assert.DoesNotContain("times:", run.Out);
    }

    [Fact]
    public async Task Times_move_by_one_delta_so_that_the_newest_is_now()
    {
        var path = SampleSets.SmallKuaiRand(Folder);
        var time = new InstantTime();
        using var client = new KgClient(new Uri(Service.Url), null, RetryPolicy.None, time);
        var run = new ImportRun(client, new Terminal(TextWriter.Null, TextWriter.Null), time);
        Assert.Equal(ExitCode.Ok, await run.RunAsync(Read, CancellationToken.None));

        var original = Read().Events.ToDictionary(e => e.EventId!, e => e.Timestamp!.Value);
        var delta = time.GetUtcNow() - original.Values.Max();
        Assert.Equal(time.GetUtcNow(), Service.Events.Max(e => e.Timestamp));
        Assert.All(Service.Events, e => Assert.Equal(original[e.EventId!] + delta, e.Timestamp));
        Assert.Equal(new DateTimeOffset(2022, 4, 9, 16, 0, 0, TimeSpan.Zero) + delta, Service.Items["0"].PublishedAt);

        ImportSet Read()
        {
            using var data = DataFolder.Open(path);
            return KuaiRand.Read(data, new IdScope(""));
        }
    }

    [Fact]
    public async Task Keep_time_leaves_times_as_they_are()
    {
        var run = await CliRun.OfAsync("import", "kuairand", SampleSets.SmallKuaiRand(Folder), "--url", Service.Url, "--keep-time", "--json");
        Assert.Equal(ExitCode.Ok, run.Exit);
        Assert.Equal(1650000003000, Service.Events.Max(e => e.Timestamp!.Value.ToUnixTimeMilliseconds()));
        var summary = JsonDocument.Parse(run.Out).RootElement;
        Assert.Equal(0, summary.GetProperty("timeShiftSeconds").GetDouble());
        Assert.Equal(Service.Events.Count, summary.GetProperty("uploads")[2].GetProperty("accepted").GetInt32());
        Assert.Equal(3, summary.GetProperty("files")[2].GetProperty("rejected").GetInt32());
    }

    [Fact]
    public async Task A_second_import_at_another_time_adds_no_event()
    {
        var path = SampleSets.SmallKuaiRand(Folder);
        await CliRun.OfAsync("import", "kuairand", path, "--url", Service.Url);
        var events = Service.Events.Count;
        var again = await CliRun.OfAsync("import", "kuairand", path, "--url", Service.Url);
        Assert.Equal((ExitCode.Ok, events), (again.Exit, Service.Events.Count));
        Assert.True(events > 0);
    }

    [Theory]
    [InlineData("item", "demo")]
    [InlineData("item", null)]
    [InlineData("user", "demo")]
    [InlineData("user", null)]
    public async Task Ids_of_another_world_are_refused_before_anything_is_written(string sort, string? world)
    {
        if (sort == "item")
            Service.Items["3"] = new ItemDocument { ItemId = "3", CreatorId = "c", WorldId = world };
        else
            Service.Users["12"] = new UserDocument { UserId = "12", WorldId = world };
        var path = SampleSets.SmallHetRec(Folder);
        var run = await CliRun.OfAsync("import", "hetrec-lastfm", path, "--url", Service.Url);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains("--prefix", run.Error);
        Assert.Contains(sort == "item" ? "item 3" : "user 12", run.Error);
        Assert.Equal((1, 0), (Service.Items.Count + Service.Users.Count, Service.Events.Count));

        var prefixed = await CliRun.OfAsync("import", "hetrec-lastfm", path, "--url", Service.Url, "--prefix", "lf-");
        Assert.Equal(ExitCode.Ok, prefixed.Exit);
        Assert.Contains("lf-3", Service.Items.Keys);
    }

    [Fact]
    public async Task Held_out_plays_go_to_their_file_and_not_to_theService()
    {
        var file = Path.Combine(Folder.Path, "held-out.ndjson");
        var run = await CliRun.OfAsync(
            "import", "hetrec-lastfm", SampleSets.SmallHetRec(Folder), "--url", Service.Url, "--hold-out", "0.34", "--seed", "1", "--hold-out-file", file);
        Assert.Equal(ExitCode.Ok, run.Exit);
        var held = JsonSerializer.Deserialize<UserEvent>(Assert.Single(await File.ReadAllLinesAsync(file)), KgJson.Options)!;
        Assert.Equal(3, Service.Events.Count);
        Assert.DoesNotContain(Service.Events, e => (e.UserId, e.ItemId) == (held.UserId, held.ItemId));
    }

    [Theory]
    [InlineData("--hold-out", "0.2")]
    [InlineData("--hold-out", "1", "--hold-out-file", "x")]
    [InlineData("--prefix", "no spaces")]
    [InlineData("--url", "ftp://x")]
    [InlineData("--api-key-file", "/no/such/file")]
    [InlineData("--no-such-option")]
    public async Task Wrong_usage_is_exit_code_2_and_sends_nothing(params string[] options)
    {
        var run = await CliRun.OfAsync(
            ["import", "hetrec-lastfm", SampleSets.SmallHetRec(Folder), .. options.Contains("--url") ? [] : (string[])["--url", Service.Url], .. options]);
        Assert.Equal((ExitCode.Usage, 0), (run.Exit, Service.Calls));
        Assert.NotEqual("", run.Error);
    }

    [Fact]
    public async Task AService_that_fails_for_good_ends_the_import_with_what_was_done()
    {
        Service.FailNext(500);
        var run = await CliRun.OfAsync("import", "hetrec-lastfm", SampleSets.SmallHetRec(Folder), "--url", Service.Url);
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.Contains("not complete: POST /v1/items: 500 told to fail: the test said so", run.Out);
        Assert.DoesNotContain("next:", run.Out);
        Assert.Empty(Service.Events);
    }

    [Fact]
    public async Task AService_that_is_not_there_is_said_so()
    {
        var run = await CliRun.OfAsync("import", "hetrec-lastfm", SampleSets.SmallHetRec(Folder), "--url", "http://127.0.0.1:1");
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.Contains("is the service running?", run.Error);
    }
}
