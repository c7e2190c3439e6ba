using KgOrleans.Inference.Features;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Serving;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference.Tests.Features;

[Trait("Suite", "Unit")]
public class FeatureTests
{
    private const float Tolerance = 1e-6f;

    [Theory]
    [InlineData("user.isKnown", 1f)]
    [InlineData("user.hasContent", 1f)]
    [InlineData("user.logFollows", 1.0986123f)]
    [InlineData("item.hasContent", 1f)]
    [InlineData("item.quality", 0.25f)]
    [InlineData("item.qualityMissing", 0f)]
    [InlineData("item.logDuration", 0f)]
    [InlineData("item.durationMissing", 1f)]
    [InlineData("dynamic.ageDecay1d", 0.36787944f)]
    [InlineData("dynamic.ageDecay7d", 0.8668779f)]
    [InlineData("dynamic.ageDecay30d", 0.96721612f)]
    [InlineData("dynamic.ageless", 0f)]
    [InlineData("dynamic.logImpressions", 4.3944492f)]
    [InlineData("dynamic.logPlays", 2.7080502f)]
    [InlineData("dynamic.logLikes", 1.6094379f)]
    [InlineData("dynamic.logHot", 1.3862944f)]
    [InlineData("dynamic.playRate", 0.2f)]
    [InlineData("dynamic.likeRate", 0.05f)]
    [InlineData("cross.tagWeight", 1.3862944f)]
    [InlineData("cross.tagMatches", 0.6931472f)]
    [InlineData("cross.creatorWeight", 1.0986123f)]
    [InlineData("cross.songWeight", 0.6931472f)]
    [InlineData("cross.recentCreator", 1.0986123f)]
    [InlineData("cross.recentSong", 0.6931472f)]
    [InlineData("cross.followed", 1f)]
    [InlineData("cross.sameRegion", 1f)]
    [InlineData("cross.sameLanguage", 0f)]
    [InlineData("cross.contentLong", 0.5f)]
    [InlineData("cross.contentShort", 0f)]
    [InlineData("context.hourSin", 1f)]
    [InlineData("context.hourCos", 0f)]
    [InlineData("context.weekend", 0f)]
    public void A_dense_feature_has_the_value_worked_out_by_hand(string feature, float expected) =>
        Assert.Equal(expected, Dense(feature, Samples.User(), Samples.Item())[0], Tolerance);

    [Theory]
    [InlineData(0, 0f, 1f)]
    [InlineData(6, 1f, 0f)]
    [InlineData(18, -1f, 0f)]
    [InlineData(21, -0.70710678f, 0.70710678f)]
    public void The_callers_hour_stands_in_for_the_time_of_day_and_leaves_the_day_alone(int hour, float sine, float cosine)
    {
        var context = new RequestContext(Samples.Now, new ServingContext { Hour = hour });
        Assert.Equal(sine, Dense("context.hourSin", Samples.User(), Samples.Item(), context)[0], Tolerance);
        Assert.Equal(cosine, Dense("context.hourCos", Samples.User(), Samples.Item(), context)[0], Tolerance);
        Assert.Equal(0f, Dense("context.weekend", Samples.User(), Samples.Item(), context)[0]);
    }

    [Theory]
    [InlineData("context.hourSin")]
    [InlineData("context.hourCos")]
    [InlineData("context.weekend")]
    public void A_context_without_an_hour_changes_no_bit_of_the_features_of_time(string feature)
    {
        for (var minute = 0; minute < 2_000; minute += 7)
        {
            var now = Samples.Now + (minute * 60_000);
            var plain = Dense(feature, Samples.User(), Samples.Item(), new RequestContext(now))[0];
            Assert.Equal(plain, Dense(feature, Samples.User(), Samples.Item(),
                new RequestContext(now, new ServingContext { Device = "phone", City = "GD" }))[0]);
            var angle = MathF.Tau * (now % 86_400_000) / 86_400_000;
            Assert.Equal(feature == "context.hourSin" ? MathF.Sin(angle) : feature == "context.hourCos" ? MathF.Cos(angle) : plain, plain);
        }
    }

    [Theory]
    [InlineData("phone", 2L)]
    [InlineData("tv", 1L)]
    [InlineData("fridge", 0L)]
    [InlineData(null, 0L)]
    public void The_callers_device_is_its_row_of_the_vocabulary(string? device, long expected)
    {
        var plan = Plan(["context.device"], new Dictionary<string, Vocabulary> { ["device"] = new([Key64.Of("tv"), Key64.Of("phone")]) });
        Span<long> row = [9L];

        plan.Fill(new FeatureSource(UserView.Of(Samples.User()), new RequestContext(Samples.Now, new ServingContext { Device = device })), row);

        Assert.Equal(expected, row[0]);
        Assert.Equal(FeatureScope.Context, FeatureRegistry.Find("context.device")!.Scope);
    }

    [Fact]
    public void Lists_are_cut_to_the_input_and_padded_with_none()
    {
        Assert.Equal([Key64.Of("c1"), Key64.Of("c2")], Keys("user.recentCreators", 2));
        Assert.Equal([Key64.Of("c1"), Key64.Of("c2"), Key64.Of("c1"), 0ul, 0ul], Keys("user.recentCreators", 5));
        Assert.Equal([Key64.Of("pop"), Key64.Of("jazz"), 0ul], Keys("item.tags", 3));
    }

    [Fact]
    public void An_id_outside_the_vocabulary_becomes_row_0_and_a_known_one_its_line()
    {
        var plan = Plan(["item.creator", "item.song"], new Dictionary<string, Vocabulary>
        {
            ["creator"] = new([Key64.Of("c7"), Key64.Of("c1")]),
            ["song"] = new([Key64.Of("s9")]),
        });
        Span<long> row = stackalloc long[2];
        var item = Samples.Item();

        plan.Fill(new FeatureSource(UserView.Of(Samples.User()), ref item.Rows[0], item.ContentOf(0), new RequestContext(Samples.Now)), row);

        Assert.Equal([2, 0], row.ToArray());
    }

    [Fact]
    public void Without_vocabularies_an_id_input_holds_the_keys()
    {
        var plan = Plan(["item.creator", "item.song"], null);
        Span<long> row = stackalloc long[2];
        var item = Samples.Item();

        plan.Fill(new FeatureSource(UserView.Of(Samples.User()), ref item.Rows[0], item.ContentOf(0), new RequestContext(Samples.Now)), row);

        Assert.Equal([(long)Key64.Of("c1"), (long)Key64.Of("s1")], row.ToArray());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(float.MaxValue)]
    [InlineData(-1f)]
    public void Nothing_that_is_not_finite_leaves_a_float_input(float bad)
    {
        var item = Samples.Item();
        ref var row = ref item.Rows[0];
        (row.Quality, row.DurationSeconds, row.Impressions, row.Plays, row.Likes, row.Hot) = (bad, bad, bad, bad, bad, bad);
        row.PublishedAt = long.MaxValue;
        item.ContentOf(0).Fill(bad);
        var user = Samples.User();
        user.ContentLong.AsSpan().Fill(bad);
        foreach (var feature in FeatureRegistry.All.Where(f => f.Type == TensorType.Float))
            Assert.All(Dense(feature.Name, user, item), value => Assert.True(float.IsFinite(value), feature.Name));
    }

    [Fact]
    public void Content_of_another_dimension_counts_as_absent()
    {
        var small = new ItemBlock(1, 3, 0);
        small.Content.Fill(1f);

        Assert.All(Dense("item.content", Samples.User(), small), value => Assert.Equal(0f, value));
        Assert.Equal(0f, Dense("cross.contentLong", Samples.User(), small)[0]);
    }

    [Fact]
    public void Two_ids_that_are_absent_do_not_match()
    {
        var item = Samples.Item();
        (item.Rows[0].Region, item.Rows[0].Song, item.Rows[0].Creator) = (0, 0, 0);
        var nobody = UserSnapshot.Unknown("u2");

        foreach (var feature in (string[])["cross.sameRegion", "cross.songWeight", "cross.followed", "cross.recentCreator", "cross.creatorWeight"])
            Assert.Equal(0f, Dense(feature, nobody, item)[0]);
    }

    [Fact]
    public void A_view_that_is_turned_to_another_user_keeps_nothing_of_the_first()
    {
        var view = UserView.Of(Samples.User());

        view.Set(UserSnapshot.Unknown("u2"));

        Assert.Equal(0, view.TagKeys.Length + view.CreatorKeys.Length + view.SongKeys.Length + view.Follows.Length + view.RecentCreators.Length
            + view.RecentSongs.Length + view.Communities.Length);
    }

    private static ulong[] Keys(string feature, int width)
    {
        var keys = new ulong[width];
        var item = Samples.Item();
        FeatureRegistry.Find(feature)!.Keys!(new FeatureSource(
            UserView.Of(Samples.User()), ref item.Rows[0], item.ContentOf(0), new RequestContext(Samples.Now)), keys);
        return keys;
    }

    private static float[] Dense(string name, UserSnapshot user, ItemBlock items, RequestContext? context = null)
    {
        var feature = FeatureRegistry.Find(name)!;
        var width = feature.WidthFor(Samples.ContentDimension, inputWidth: 4);
        var plan = new InputPlan(new InputSpec { Name = "x", Type = TensorType.Float, Shape = [1, width], Features = [name] }, feature.Scope,
            [(feature, 0, width)], null);
        var row = new float[width];
        plan.Fill(new FeatureSource(UserView.Of(user), ref items.Rows[0], items.ContentOf(0), context ?? new RequestContext(Samples.Now)), row);
        return row;
    }

    private static InputPlan Plan(string[] features, IReadOnlyDictionary<string, Vocabulary>? vocabularies)
    {
        var spec = new InputSpec { Name = "x", Type = TensorType.Int64, Shape = [1, features.Length], Features = features };
        return new InputPlan(spec, FeatureScope.Item, [.. features.Select((f, i) => (FeatureRegistry.Find(f)!, i, 1))], vocabularies);
    }
}
