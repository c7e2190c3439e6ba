using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using KgOrleans.ClientTestSupport;
using KgOrleans.CommandLine;
using KgOrleans.Import.Sets;
using KgOrleans.Lab.Evaluate;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Lab.Tests.Evaluate;

[Trait("Suite", "Cluster")]
public sealed class EvaluateHistoryTests : IDisposable
{
    private const int Users = 60;
    private const int Artists = 60;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_tastes_are_told_apart_by_the_service_and_by_baselines_before_and_after_a_fit()
    {
        var picture = Path.Combine(_folder.Path, "two.svg");
        var run = await LabRun.OfAsync(
            "evaluate", "--data", TwoTastes(), "--share", "0.2", "--scenes", "plain,similar,hot", "--fit", "--svg", picture, "--json");
        Assert.True(run.Exit == ExitCode.Ok, run.Error);
        var recall10 = JsonDocument.Parse(run.Out).RootElement.GetProperty("methods").EnumerateArray()
            .ToDictionary(m => m.GetProperty("name").GetString()!, m => m.GetProperty("recall10").GetDouble());
        string[] expected =
            ["popularity", "item-kNN", "EASE", "iALS", "plain", "similar", "hot", "plain after fit", "similar after fit", "hot after fit"];
        Assert.Equal(expected, recall10.Keys);
        // Of a user's taste 14 artists are left, of all 44: who knows the taste finds ten of 14.
        foreach (var name in (string[])["item-kNN", "EASE", "iALS", "similar", "plain", "plain after fit"])
            Assert.True(recall10[name] > 1.5 * recall10["hot"], $"{name} {recall10[name]}, hot {recall10["hot"]}");
        var drawn = XDocument.Load(picture).Root!;
        var texts = drawn.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToArray();
        Assert.All(expected, name => Assert.Contains(name, texts));
        Assert.Contains(recall10["similar"].ToString("0.000", CultureInfo.InvariantCulture), texts);
    }

    [Fact]
    public void What_is_set_aside_is_not_sent_in_any_form_and_everyone_keeps_something()
    {
        var events = new List<UserEvent>();
        for (var i = 0; i < 10; i++)
        {
            events.Add(Event("u", i, EventType.Impression, i));
            events.Add(Event("u", i, EventType.Like, i + 1));
        }
        events.Add(Event("one", 1, EventType.Like, 5));
        var set = new ImportSet
        {
            WorldId = "",
            Items = [],
            Users = [],
            Events = events,
            EventCount = events.Count,
            Newest = Day(10),
            Files = [],
            ExampleUser = null,
        };
        var last = HistoryReader.Split(set, PlanOf(HistorySplit.Last, 0.2), 1);
        Assert.Equal(["i8", "i9"], Assert.Single(last.HeldOut).Value.Order());
        Assert.Equal(17, last.Sent.Events.Count());
        Assert.DoesNotContain(last.Sent.Events, e => e.ItemId is "i8" or "i9");

        var random = HistoryReader.Split(set, PlanOf(HistorySplit.Random, 0.2), 1);
        Assert.Equal(2, random.HeldOut["u"].Count);
        Assert.DoesNotContain(random.Sent.Events, e => e.UserId == "u" && random.HeldOut["u"].Contains(e.ItemId));
        Assert.Contains(Enumerable.Range(2, 9), seed =>
            !HistoryReader.Split(set, PlanOf(HistorySplit.Random, 0.2), seed).HeldOut["u"].SetEquals(random.HeldOut["u"]));

        var time = HistoryReader.Split(set, PlanOf(HistorySplit.Time, 0.2), 1);
        Assert.Equal(["i7", "i8", "i9"], time.HeldOut["u"].Order());
        Assert.All(time.Sent.Events, e => Assert.True(e.Timestamp < Day(8)));
    }

    [Fact]
    public void Events_of_a_log_are_sent_as_callers_send_them()
    {
        foreach (var type in EventTypes.All)
        {
            var stored = EventValidator.Complete(Event("u", 1, type.Type, 1), Day(2)) with { PairedWith = [1, 2, 3, 4, 5, 6], Repeat = true };
            Assert.Empty(EventValidator.Validate(stored.AsSent(), Day(2)));
            if (type.Undo)
                Assert.Empty(EventValidator.Validate((stored with { Undo = true, TakesBack = [] }).AsSent(), Day(2)));
        }
    }

    [Theory]
    [InlineData("--split", "weekly", "random, last or time")]
    [InlineData("--share", "1", "must be above 0 and below 1")]
    [InlineData("--seeds", "1,x", "is not a number")]
    [InlineData("--scenes", "feed,friends", "feed, plain, index, similar, hot")]
    [InlineData("--age-days", "-1", "0..3650")]
    [InlineData("--service", "nowhere/KgOrleans.Api.dll", "no such file")]
    [InlineData("--split", "last", "the plays of HetRec carry no time")]
    public async Task What_makes_no_sense_is_refused_with_the_reason(string option, string value, string reason)
    {
        var run = await LabRun.OfAsync("evaluate", "--data", TwoTastes(), option, value);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains(reason, run.Error);
    }

    private static HistoryPlan PlanOf(HistorySplit split, double share) => new("", split, share, [1], 0, [], false);

    private static UserEvent Event(string user, int item, EventType type, int day) =>
        new() { UserId = user, ItemId = $"i{item}", Type = type, Timestamp = Day(day) };

    private static DateTimeOffset Day(int day) => DateTimeOffset.UnixEpoch.AddYears(40).AddDays(day);

    // As GroupLens distributes it: either half of the users plays twenty of their thirty artists.
    private string TwoTastes()
    {
        var random = new Random(7);
        var plays = Enumerable.Range(1, Users).SelectMany(user => Enumerable.Range(0, Artists / 2).OrderBy(_ => random.Next()).Take(20)
            .Select(artist => $"{user}\t{1 + (2 * artist) + (user % 2)}\t10\n")).ToArray();
        return _folder.Zip("two.zip",
            ("set/artists.dat", Utf8("id\tname\turl\tpictureURL\n"
                + string.Concat(Enumerable.Range(1, Artists).Select(a => $"{a}\tartist {a}\thttp://a\thttp://b\n")))),
            ("set/tags.dat", Utf8("tagID\ttagValue\n1\tmusic\n")),
            ("set/user_artists.dat", Utf8("userID\tartistID\tweight\n" + string.Concat(plays))),
            ("set/user_friends.dat", Utf8("userID\tfriendID\n")),
            ("set/user_taggedartists.dat", Utf8("userID\tartistID\ttagID\tday\tmonth\tyear\n")));
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
