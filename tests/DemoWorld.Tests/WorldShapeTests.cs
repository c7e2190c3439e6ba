using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.DemoWorld.Tests;

/// <summary>That the default world is a world that the platform accepts, with the shapes that its documentation promises.</summary>
[Trait("Suite", "Unit")]
public sealed class WorldShapeTests(DefaultWorld world)
{
    private readonly DemoWorldData _data = world.Data;

    [Fact]
    public void The_world_has_the_size_that_the_options_say()
    {
        Assert.Equal("demo-1", _data.WorldId);
        Assert.Equal(50_000, _data.Items.Select(i => i.ItemId).Distinct().Count());
        Assert.Equal(2_000, _data.Users.Select(u => u.UserId).Distinct().Count());
        Assert.InRange(_data.Items.Select(i => i.CreatorId).Distinct().Count(), 4_500, 5_000);
        Assert.InRange(_data.Items.Select(i => i.SongId).Where(s => s is not null).Distinct().Count(), 2_700, 3_000);
        Assert.InRange(_data.Events.Count, 300_000, 360_000);
        Assert.Equal(_data.Items.Count, _data.Truth.ItemCount);
        Assert.Equal(_data.Users.Count, _data.Truth.UserCount);
    }

    [Fact]
    public void Every_document_and_every_event_is_valid()
    {
        foreach (var item in _data.Items)
            Assert.Empty(ItemValidator.Validate(item, contentDimension: 32));
        foreach (var user in _data.Users)
            Assert.Empty(UserValidator.Validate(user));
        foreach (var e in _data.Events)
            Assert.Empty(EventValidator.Validate(e, DefaultWorld.Now));
    }

    [Fact]
    public void Documents_name_no_world_and_events_hash_to_distinct_ids()
    {
        Assert.All(_data.Items, item => Assert.Null(item.WorldId));
        Assert.All(_data.Users, user => Assert.Null(user.WorldId));
        Assert.Equal(_data.Events.Count, _data.Events.Select(e => e.IdOrHash()).Distinct().Count());
    }

    [Fact]
    public void Item_keys_do_not_collide()
    {
        Assert.Equal(_data.Items.Count, _data.Items.Select(i => Key64.Of(i.ItemId)).Distinct().Count());
    }

    [Fact]
    public void Items_per_creator_and_per_song_follow_a_long_tail()
    {
        AssertSkewed(_data.Items.GroupBy(i => i.CreatorId).Select(g => g.Count()), largest: 0.02);
        AssertSkewed(_data.Items.Where(i => i.SongId is not null).GroupBy(i => i.SongId).Select(g => g.Count()), largest: 0.03);

        // A tenth of the owners has several times its share, and yet nobody owns the catalogue.
        static void AssertSkewed(IEnumerable<int> sizes, double largest)
        {
            var sorted = sizes.OrderDescending().ToArray();
            var total = sorted.Sum();
            Assert.InRange(sorted.Take(sorted.Length / 10).Sum() / (double)total, 0.35, 0.8);
            Assert.InRange(sorted[0] / (double)total, 0.002, largest);
            Assert.True(sorted[0] > 20 * sorted[sorted.Length / 2]);
        }
    }

    [Fact]
    public void Items_are_published_within_three_months_and_more_of_them_lately()
    {
        var ages = _data.Items.Select(i => (DefaultWorld.Now - i.PublishedAt!.Value).TotalDays).ToArray();
        Assert.All(ages, age => Assert.InRange(age, 0, 92));
        Assert.True(ages.Count(a => a < 30) > 1.3 * ages.Count(a => a is >= 30 and < 60));
        Assert.True(ages.Count(a => a is >= 30 and < 60) > 1.1 * ages.Count(a => a >= 60));
    }

    [Fact]
    public void Items_vary_in_kind_tags_region_language_tone_and_community()
    {
        Assert.Equal([ItemKind.Audio, ItemKind.Video, ItemKind.Live], _data.Items.Select(i => i.Kind).Distinct().Order());
        Assert.All(_data.Items, i => Assert.InRange(i.Tags.Distinct().Count(), 1, 4));
        Assert.All(_data.Items, i => Assert.Equal(i.Tags.Count, i.Tags.Distinct().Count()));
        Assert.All(_data.Items, i => Assert.False(string.IsNullOrWhiteSpace(i.Title)));
        Assert.All(_data.Items, i => Assert.Equal(i.Kind == ItemKind.Live, i.SongId is null));
        Assert.Equal(60, _data.Items.SelectMany(i => i.Tags).Distinct().Count());
        Assert.Equal(20, _data.Items.Select(i => i.Region).Distinct().Count());
        Assert.Equal(6, _data.Items.Select(i => i.Language).Distinct().Count());
        Assert.Equal(8, _data.Items.Select(i => i.Tone).Distinct().Count());
        Assert.Equal(200, _data.Items.SelectMany(i => i.CommunityIds).Distinct().Count());
    }

    [Fact]
    public void Users_follow_and_block_creators_that_exist_and_never_both()
    {
        var creators = Enumerable.Range(1, 5_000).Select(c => $"c{c:0000}").ToHashSet();
        foreach (var user in _data.Users)
        {
            Assert.InRange(user.Follows.Distinct().Count(), 3, 30);
            Assert.Subset(creators, user.Follows.ToHashSet());
            Assert.Subset(creators, user.BlockedCreatorIds.ToHashSet());
            Assert.Empty(user.BlockedCreatorIds.Intersect(user.Follows));
            Assert.Subset(creators, (user.Interests?.CreatorIds ?? []).ToHashSet());
        }
        Assert.InRange(_data.Users.Count(u => u.BlockedCreatorIds.Count > 0), 20, 150);
        Assert.InRange(_data.Users.Count(u => u.Interests is null), 100, 300);
    }

    [Fact]
    public void Friendship_is_mutual_and_friends_share_communities_more_than_strangers_do()
    {
        var byId = _data.Users.ToDictionary(u => u.UserId);
        int pairs = 0, friendly = 0, strange = 0;
        foreach (var user in _data.Users)
        {
            Assert.DoesNotContain(user.UserId, user.Friends);
            foreach (var friend in user.Friends)
            {
                Assert.Contains(user.UserId, byId[friend].Friends);
                pairs++;
                friendly += user.CommunityIds.Intersect(byId[friend].CommunityIds).Any() ? 1 : 0;
                var stranger = _data.Users[(DefaultWorld.Index(user.UserId) + (997 * pairs)) % _data.Users.Count];
                strange += user.CommunityIds.Intersect(stranger.CommunityIds).Any() ? 1 : 0;
            }
        }
        Assert.True(pairs > 4 * _data.Users.Count, $"{pairs} friendships");
        Assert.True(friendly > 2 * strange, $"{friendly} friends and {strange} strangers share a community, of {pairs}");
    }

    [Fact]
    public void One_user_in_ten_is_held_out_of_training()
    {
        Assert.InRange(_data.Users.Count(u => HoldOut.IsHeldOut(u.UserId)), 150, 250);
        Assert.Equal(_data.Users.Where(u => Key64.Of(u.UserId) % 10 == 0), _data.Users.Where(u => HoldOut.IsHeldOut(u.UserId)));
    }
}
