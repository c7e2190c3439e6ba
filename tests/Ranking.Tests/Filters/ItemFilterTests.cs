using System.Text;
using System.Text.Json;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Tests.Filters;

[Trait("Suite", "Unit")]
public sealed class ItemFilterTests
{
    [Theory]
    [InlineData("""7""", "filter", "invalidFilter")]
    [InlineData("""null""", "filter", "invalidFilter")]
    [InlineData("""[]""", "filter", "invalidFilter")]
    [InlineData("""{}""", "filter", "invalidFilter")]
    [InlineData("""{"none":[]}""", "filter", "invalidFilter")]
    [InlineData("""{"all":[]}""", "filter.all", "invalidFilter")]
    [InlineData("""{"any":{}}""", "filter.any", "invalidFilter")]
    [InlineData("""{"all":[{"field":"kind","eq":"live"}],"any":[{"field":"kind","eq":"live"}]}""", "filter", "invalidFilter")]
    [InlineData("""{"all":[{"field":"kind","eq":"live"}],"all":[{"field":"kind","eq":"live"}]}""", "filter", "invalidFilter")]
    [InlineData("""{"not":[{"field":"kind","eq":"live"}]}""", "filter.not", "invalidFilter")]
    [InlineData("""{"all":[{"field":"kind","eq":"live"},{"any":[{"not":{"field":"mood","eq":"x"}}]}]}""", "filter.all[1].any[0].not.field", "unknownField")]
    [InlineData("""{"field":7,"eq":"x"}""", "filter.field", "unknownField")]
    [InlineData("""{"field":"Kind","eq":"live"}""", "filter.field", "unknownField")]
    [InlineData("""{"field":"features","gt":1}""", "filter.field", "unknownField")]
    [InlineData("""{"field":"features.","gt":1}""", "filter.field", "unknownField")]
    [InlineData("""{"field":"features.a b","gt":1}""", "filter.field", "unknownField")]
    [InlineData("""{"field":"features.tempo","gt":"fast"}""", "filter.gt", "invalidNumber")]
    [InlineData("""{"field":"communityIds","gt":"a"}""", "filter.gt", "invalidFilter")]
    [InlineData("""{"field":"kind"}""", "filter", "invalidFilter")]
    [InlineData("""{"field":"kind","like":"x"}""", "filter.like", "unknownMember")]
    [InlineData("""{"field":"kind","eq":"live","all":[]}""", "filter.all", "unknownMember")]
    [InlineData("""{"field":"kind","eq":"opera"}""", "filter.eq", "unknownKind")]
    [InlineData("""{"field":"kind","eq":"1"}""", "filter.eq", "unknownKind")]
    [InlineData("""{"field":"kind","eq":"audio,video"}""", "filter.eq", "unknownKind")]
    [InlineData("""{"field":"kind","in":["live",2]}""", "filter.in", "unknownKind")]
    [InlineData("""{"field":"kind","in":[]}""", "filter.in", "invalidFilter")]
    [InlineData("""{"field":"kind","in":"live"}""", "filter.in", "invalidFilter")]
    [InlineData("""{"field":"kind","gt":"audio"}""", "filter.gt", "invalidFilter")]
    [InlineData("""{"field":"creatorId","eq":""}""", "filter.eq", "invalidId")]
    [InlineData("""{"field":"creatorId","eq":"a b"}""", "filter.eq", "invalidId")]
    [InlineData("""{"field":"tags","in":["a",null]}""", "filter.in", "invalidId")]
    [InlineData("""{"field":"quality","gte":"0.5"}""", "filter.gte", "invalidNumber")]
    [InlineData("""{"field":"quality","lt":1e999}""", "filter.lt", "invalidNumber")]
    [InlineData("""{"field":"quality","in":[0.5,true]}""", "filter.in", "invalidNumber")]
    [InlineData("""{"field":"publishedAt","gte":1700000000}""", "filter.gte", "invalidTime")]
    [InlineData("""{"field":"publishedAt","gte":"yesterday"}""", "filter.gte", "invalidTime")]
    [InlineData("""{"field":"kind","eq":"live","in":["video"]}""", "filter.in", "invalidFilter")]
    [InlineData("""{"field":"kind","in":["live"],"in":["video"]}""", "filter.in", "invalidFilter")]
    [InlineData("""{"field":"quality","in":[0.5],"eq":0.4}""", "filter.eq", "invalidFilter")]
    public void A_broken_filter_is_refused_with_the_path_of_what_is_wrong(string json, string path, string code)
    {
        Assert.Contains((path, code), Errors(json));
        Assert.Throws<FormatException>(() => ItemFilter.Parse(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void The_path_starts_where_the_filter_stands_in_the_callers_document()
    {
        var checks = new FieldChecks();
        checks.Add("earlier", "x", "an error of another field");
        Assert.NotNull(ItemFilter.Parse(Json("""{"field":"kind","eq":"live"}"""), "a.filter", checks));
        Assert.Null(ItemFilter.Parse(Json("""{"field":"kind"}"""), "a.filter", checks));
        Assert.Equal(["earlier", "a.filter"], checks.Errors.Select(e => e.Field));
    }

    [Fact]
    public void Bytes_that_are_no_json_are_a_format_error() =>
        Assert.Throws<FormatException>(() => ItemFilter.Parse("{\"all\":"u8.ToArray()));

    [Fact]
    public void Clauses_values_and_levels_are_bounded()
    {
        const string Test = """{"field":"kind","eq":"live"}""";
        Assert.Empty(Errors(Group(Enumerable.Repeat(Test, ItemFilter.MaxNodes - 1))));
        Assert.Equal([($"filter.all[{ItemFilter.MaxNodes - 1}]", "filterTooLarge")], Errors(Group(Enumerable.Repeat(Test, ItemFilter.MaxNodes))));
        Assert.Equal(("filterTooLarge", 1),
            (Errors(Group(Enumerable.Repeat(Group(Enumerable.Repeat(Test, 20)), 20)))[0].Code, Errors(Group(Enumerable.Repeat(Test, 5_000))).Count));

        Assert.Empty(Errors(Nested(8, Test)));
        Assert.Equal(["filterTooLarge"], Errors(Nested(9, Test)).Select(e => e.Code));

        Assert.Empty(Errors($$"""{"field":"tags","in":[{{Values(ItemFilter.MaxValues)}}]}"""));
        Assert.Equal([("filter.in", "invalidFilter")], Errors($$"""{"field":"tags","in":[{{Values(ItemFilter.MaxValues + 1)}}]}"""));

        static string Group(IEnumerable<string> children) => $$"""{"all":[{{string.Join(',', children)}}]}""";
        static string Nested(int levels, string inner) => levels == 0 ? inner : $$"""{"not":{{Nested(levels - 1, inner)}}}""";
        static string Values(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"\"t{i}\""));
    }

    [Theory]
    [InlineData("gte", true)]
    [InlineData("lte", true)]
    [InlineData("eq", true)]
    [InlineData("gt", false)]
    [InlineData("lt", false)]
    public void A_quality_compares_equal_to_the_decimal_that_it_was_written_as(string comparison, bool matches)
    {
        foreach (var quality in new[] { 0.1, 0.3, 0.7, 0.9 })
        {
            var filter = ItemFilter.Parse(Encoding.UTF8.GetBytes(FormattableString.Invariant($$"""{"field":"quality","{{comparison}}":{{quality}}}""")));
            Assert.Equal(matches, FilterRows.Matches(filter, new ItemDocument { ItemId = "i", CreatorId = "c", Quality = quality }));
        }
    }

    [Fact]
    public void An_unknown_number_matches_no_comparison_and_hence_every_negation()
    {
        var unknown = new ItemDocument { ItemId = "i", CreatorId = "c" };
        foreach (var test in new[] { """{"field":"quality","gte":-1e30}""", """{"field":"durationSeconds","lte":1e30}""",
            """{"field":"publishedAt","gte":"0001-01-01T00:00:00Z"}""" })
        {
            Assert.False(FilterRows.Matches(ItemFilter.Parse(Encoding.UTF8.GetBytes(test)), unknown));
            Assert.True(FilterRows.Matches(ItemFilter.Parse(Encoding.UTF8.GetBytes($$"""{"not":{{test}}}""")), unknown));
        }
    }

    [Fact]
    public void Tags_beyond_the_columns_capacity_match_as_well()
    {
        var document = new ItemDocument { ItemId = "i", CreatorId = "c", Tags = [.. Enumerable.Range(0, 30).Select(i => $"t{i}")] };
        Assert.True(FilterRows.Matches(ItemFilter.Parse("""{"field":"tags","eq":"t29"}"""u8.ToArray()), document));
        Assert.False(FilterRows.Matches(ItemFilter.Parse("""{"field":"tags","eq":"t30"}"""u8.ToArray()), document));
    }

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    private static List<(string Path, string Code)> Errors(string json)
    {
        var checks = new FieldChecks();
        Assert.Equal(ItemFilter.Parse(Json(json), "filter", checks) is null, checks.Errors.Count > 0);
        return [.. checks.Errors.Select(e => (e.Field, e.Code))];
    }
}
