using System.Text.Json;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.DemoWorld.Tests;

/// <summary>That a world is a function of its options, and moves with the calendar without changing.</summary>
[Trait("Suite", "Unit")]
public sealed class DeterminismTests
{
    private static readonly DemoWorldOptions Small = new() { Items = 2_000, Creators = 200, Songs = 150, Users = 60 };

    private static readonly DateTimeOffset Now = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    [Fact]
    public void The_same_options_and_time_make_the_same_world()
    {
        var first = DemoWorldGenerator.Generate(Small, Now);
        var second = DemoWorldGenerator.Generate(Small with { }, Now);
        Assert.Equal(Write(first), Write(second));
        Assert.Equal(Utilities(first, Now), Utilities(second, Now));
    }

    [Fact]
    public void Another_seed_makes_another_world()
    {
        var first = DemoWorldGenerator.Generate(Small, Now);
        var second = DemoWorldGenerator.Generate(Small with { Seed = 2 }, Now);
        Assert.NotEqual(first.Items[0].Vectors!["content"], second.Items[0].Vectors!["content"]);
        Assert.NotEqual(first.Events.Select(e => e.ItemId), second.Events.Select(e => e.ItemId));
        Assert.NotEqual(first.WorldId, second.WorldId);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(200, 7)]
    [InlineData(0, -5)]
    public void Another_time_shifts_every_time_by_whole_days_and_changes_nothing_else(int days, int hours)
    {
        var later = Now.AddDays(days).AddHours(hours);
        var first = DemoWorldGenerator.Generate(Small, Now);
        var second = DemoWorldGenerator.Generate(Small, later);
        var shift = TimeSpan.FromDays((later.UtcDateTime.Date - Now.UtcDateTime.Date).Days);
        var moved = first with
        {
            Items = [.. first.Items.Select(i => i with { PublishedAt = i.PublishedAt + shift })],
            Events = [.. first.Events.Select(e => e with { Timestamp = e.Timestamp + shift })],
        };
        Assert.Equal(Write(moved), Write(second));
        Assert.Equal(Utilities(first, Now), Utilities(second, Now + shift));
        Assert.All(second.Events, e => Assert.True(e.Timestamp <= later));
        Assert.All(second.Items, i => Assert.True(i.PublishedAt <= later));
    }

    [Fact]
    public void Songs_rooms_and_people_are_what_their_works_are_like()
    {
        var world = DemoWorldGenerator.Generate(Small, Now);
        Assert.Equal(JsonSerializer.Serialize(world.Others), JsonSerializer.Serialize(DemoWorldGenerator.Generate(Small, Now).Others));
        Assert.Equal([ItemKind.Room, ItemKind.Song, ItemKind.User], world.Others.Select(i => i.Kind).Distinct().Order());
        var songs = world.Others.Where(i => i.Kind == ItemKind.Song).Select(i => i.ItemId);
        Assert.Equal(world.Items.Select(i => i.SongId).OfType<string>().Distinct().Order(), songs.Order());
        Assert.Equal(world.Items.Count + world.Others.Count, world.Items.Concat(world.Others).Select(i => i.ItemId).Distinct().Count());
        Assert.All(world.Others, i => Assert.Empty(ItemValidator.Validate(i, Small.ContentDimension)));
        var person = world.Others.First(i => i.Kind == ItemKind.User);
        var tags = world.Items.Where(i => i.CreatorId == person.ItemId).SelectMany(i => i.Tags).CountBy(t => t).ToDictionary();
        Assert.Equal(tags.Values.Max(), tags[person.Tags[0]]);
    }

    [Fact]
    public void Every_event_has_an_id_of_its_own_among_its_users()
    {
        var events = DemoWorldGenerator.Generate(Small, Now).Events;
        Assert.All(events, e => Assert.True(Limits.IsId(e.EventId)));
        Assert.Equal(events.Count, events.Select(e => (e.UserId, e.EventId)).Distinct().Count());
    }

    [Fact]
    public void The_offset_of_the_clock_does_not_matter()
    {
        Assert.Equal(Write(DemoWorldGenerator.Generate(Small, Now)), Write(DemoWorldGenerator.Generate(Small, Now.ToOffset(TimeSpan.FromHours(8)))));
    }

    [Fact]
    public void The_world_id_depends_on_every_option()
    {
        var options = new DemoWorldOptions();
        string[] ids =
        [
            options.WorldId,
            (options with { Seed = 2 }).WorldId,
            (options with { Items = 49_999 }).WorldId,
            (options with { Creators = 4_999 }).WorldId,
            (options with { Songs = 2_999 }).WorldId,
            (options with { Users = 1_999 }).WorldId,
            (options with { GroupShare = 0.4 }).WorldId,
            (options with { ContentDimension = 16 }).WorldId,
            (options with { RequestsPerUser = 11 }).WorldId,
            (options with { PublishedDays = 90 }).WorldId,
            (options with { LoggedDays = 27 }).WorldId,
        ];
        Assert.Equal("demo-1", ids[0]);
        Assert.Equal("demo-2", ids[1]);
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.All(ids, id => Assert.True(Limits.IsId(id), id));
        Assert.Equal(typeof(DemoWorldOptions).GetProperties().Count(p => p.CanWrite) + 1, ids.Length);
    }

    [Fact]
    public void Options_out_of_range_are_refused_and_all_named()
    {
        var error = Assert.Throws<ArgumentException>(() =>
            DemoWorldGenerator.Generate(new DemoWorldOptions { Items = 0, GroupShare = double.NaN, LoggedDays = 60 }, Now));
        Assert.Contains("Items is 0", error.Message);
        Assert.Contains("GroupShare is NaN", error.Message);
        Assert.Contains("LoggedDays is 60", error.Message);
        Assert.DoesNotContain("Users", error.Message);
    }

    [Fact]
    public void The_smallest_world_allowed_can_be_generated()
    {
        var options = new DemoWorldOptions
        {
            Items = 3_000,
            Creators = 100,
            Songs = 50,
            Users = 10,
            ContentDimension = 16,
            RequestsPerUser = 30,
            PublishedDays = 8,
            LoggedDays = 4,
        };
        var data = DemoWorldGenerator.Generate(options, Now);
        Assert.Equal(10, data.Events.Select(e => e.UserId).Distinct().Count());
        Assert.Throws<ArgumentException>(() => DemoWorldGenerator.Generate(options with { Items = 2_999 }, Now));
    }

    private static string[] Write(DemoWorldData data) =>
    [
        data.WorldId,
        .. data.Items.Select(i => JsonSerializer.Serialize(i, KgJson.Options)),
        .. data.Users.Select(u => JsonSerializer.Serialize(u, KgJson.Options)),
        .. data.Events.Select(e => JsonSerializer.Serialize(e, KgJson.Options)),
    ];

    private static float[] Utilities(DemoWorldData data, DateTimeOffset at)
    {
        var utility = new float[data.Items.Count];
        data.Truth.Utilities(7, at, utility);
        return utility;
    }
}
