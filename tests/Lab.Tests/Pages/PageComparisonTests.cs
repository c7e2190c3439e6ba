using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Lab.Pages;

namespace KgOrleans.Lab.Tests.Pages;

[Trait("Suite", "Unit")]
public sealed class PageComparisonTests
{
    private static readonly string First = Item("w1", 0.123);
    private static readonly string Second = Item("w2", 0.5);

    [Fact]
    public void Equal_recordings_have_no_difference_whatever_the_order_of_members()
    {
        const string Reordered = """{"scores":{"final":0.2,"fineRank":0.123},"itemId":"w1","placement":null}""";
        Assert.Empty(PageComparison.Compare(Of(Page(Reordered)), Of(Page("""{"itemId":"w1","scores":{"fineRank":0.123,"final":2e-1}}"""))));
    }

    [Fact]
    public void The_last_bit_of_a_score_is_a_difference()
    {
        var next = Math.BitIncrement(0.123).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        var difference = Assert.Single(
            PageComparison.Compare(Of(Page(First, Second)), Of(Page(First.Replace("0.123", next, StringComparison.Ordinal), Second))));
        Assert.Equal((0, "scores.fineRank", "0.123", next), (difference.Position, difference.Member, difference.First, difference.Second));
        Assert.Equal($"user u1, scene feed, page 1, position 0, scores.fineRank: 0.123 / {next}", difference.ToString());
    }

    [Fact]
    public void A_missing_item_is_a_difference_in_either_recording()
    {
        var (whole, part) = (Of(Page(First, Second)), Of(Page(First)));
        Assert.Equal("user u1, scene feed, page 1, position 1, itemId: \"w2\" / absent", Assert.Single(PageComparison.Compare(whole, part)).ToString());
        Assert.Equal("user u1, scene feed, page 1, position 1, itemId: absent / \"w2\"", Assert.Single(PageComparison.Compare(part, whole)).ToString());
    }

    [Fact]
    public void Of_another_item_only_the_id_is_told()
    {
        var difference = Assert.Single(PageComparison.Compare(Of(Page(First)), Of(Page(Second))));
        Assert.Equal(("itemId", "\"w1\"", "\"w2\""), (difference.Member, difference.First, difference.Second));
    }

    [Theory]
    [InlineData("""{"itemId":"w1","position":0,"channels":["hot"],"reasons":[],"scores":{}}""", "channels")]
    [InlineData("""{"itemId":"w1","position":1,"channels":[],"reasons":[],"scores":{}}""", "position")]
    [InlineData("""{"itemId":"w1","position":0,"channels":[],"reasons":["model"],"scores":{}}""", "reasons")]
    [InlineData("""{"itemId":"w1","position":0,"channels":[],"reasons":[],"scores":{"recall":{"hot":1}}}""", "scores.recall")]
    [InlineData("""{"itemId":"w1","position":0,"channels":[],"reasons":[],"scores":{},"placement":{"preferred":3}}""", "placement")]
    public void Every_member_of_an_item_counts(string item, string member) =>
        Assert.Equal(member, Assert.Single(PageComparison.Compare(Of(Page("""{"itemId":"w1","position":0,"channels":[],"reasons":[],"scores":{}}""")), Of(Page(item)))).Member);

    [Fact]
    public void Every_member_of_a_page_counts()
    {
        var page = Page(First);
        foreach (var (other, member) in ((RecordedPage, string)[])[
            (page with { HasNext = true }, "hasNext"), (page with { Degraded = ["recall: shardTimeout"] }, "degraded"),
            (page with { ModelVersion = "m2" }, "modelVersion"), (page with { SceneVersion = 2 }, "sceneVersion")])
            Assert.Equal(member, Assert.Single(PageComparison.Compare(Of(page), Of(other))).Member);
    }

    [Fact]
    public void A_page_that_one_recording_lacks_is_a_difference()
    {
        var (both, one) = (Of(Page(First), Page(First) with { Page = 2 }), Of(Page(First)));
        Assert.Equal("user u1, scene feed, page 2, page: recorded / absent", Assert.Single(PageComparison.Compare(both, one)).ToString());
        Assert.Equal("user u1, scene feed, page 2, page: absent / recorded", Assert.Single(PageComparison.Compare(one, both)).ToString());
    }

    [Fact]
    public void Recordings_that_were_asked_differently_are_refused()
    {
        var recording = Of(Page(First));
        foreach (var other in (PageRecording[])[recording with { Seed = 2 }, recording with { PageSize = 20 }, recording with { Now = recording.Now.AddSeconds(1) }])
            Assert.Throws<InputException>(() => PageComparison.Compare(recording, other));
    }

    private static PageRecording Of(params RecordedPage[] pages) => new() { Now = DateTimeOffset.UnixEpoch, Seed = 1, Pages = pages };

    private static RecordedPage Page(params string[] items) =>
        new() { User = "u1", Scene = "feed", Page = 1, ModelVersion = "m1", SceneVersion = 1, Items = JsonElement.Parse($"[{string.Join(',', items)}]") };

    private static string Item(string id, double score) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $$$"""{"itemId":"{{{id}}}","channels":["model"],"scores":{"fineRank":{{{score}}},"final":0.2}}""");
}
