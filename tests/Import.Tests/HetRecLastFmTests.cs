using KgOrleans.ClientTestSupport;
using KgOrleans.Import.Sets;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Import.Tests;

[Trait("Suite", "Unit")]
public sealed class HetRecLastFmTests : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    public void An_artist_becomes_an_audio_item_of_a_creator_that_no_user_can_be()
    {
        var set = Read();
        var artist = set.Items.Single(i => i.ItemId == "1");
        Assert.Equal("artist-1", artist.CreatorId);
        Assert.Equal(ItemKind.Audio, artist.Kind);
        Assert.Equal("MALICE MIZER", artist.Title);
        Assert.Equal("hetrec-lastfm-2k", artist.WorldId);
        // Two people said 'rock français', one 'metal'.
        Assert.Equal(["rock-francais", "metal"], artist.Tags);
        Assert.Null(artist.PublishedAt);
        Assert.DoesNotContain(set.Items, i => set.Users.Any(u => u.UserId == i.CreatorId));
    }

    [Fact]
    public void Names_are_utf8_with_quotes_kept_and_tags_are_latin_1() =>
        Assert.Multiple(
            () => Assert.Equal("עברי לידר \"live\"", Read().Items.Single(i => i.ItemId == "2").Title),
            () => Assert.Contains("rock-francais", Read().Users.Single(u => u.UserId == "10").Interests!.Tags!.Keys));

    [Fact]
    public void Every_row_is_accepted_or_rejected_for_a_reason()
    {
        var files = Read().Files.ToDictionary(f => f.Name);
        Assert.Equal((6, 4), (files["artists.dat"].Read, files["artists.dat"].Accepted));
        Assert.Equal((4, 3), (files["tags.dat"].Read, files["tags.dat"].Accepted));
        Assert.Equal((8, 4), (files["user_artists.dat"].Read, files["user_artists.dat"].Accepted));
        Assert.Equal((4, 3), (files["user_friends.dat"].Read, files["user_friends.dat"].Accepted));
        Assert.Equal((9, 4), (files["user_taggedartists.dat"].Read, files["user_taggedartists.dat"].Accepted));
        Assert.Equal(
            ["artist is not in artists.dat", "play count is not a positive number", "artist listed before for this user", "wrong number of columns"],
            files["user_artists.dat"].Rejected.Reasons.Select(r => r.Text));
        Assert.Equal(
            ["artist is not in artists.dat", "dated before 2000", "tag is not in tags.dat", "not a date"],
            files["user_taggedartists.dat"].Rejected.Reasons.Select(r => r.Text));
        Assert.Equal(
            "line 6: 10 | 2 | 1 | 1 | 9 | 1956", files["user_taggedartists.dat"].Rejected.Reasons.Single(r => r.Text == "dated before 2000").Examples.Single());
    }

    [Fact]
    public void Friends_go_both_ways_though_listed_once_and_are_listed_once_though_read_twice()
    {
        var users = Read().Users.ToDictionary(u => u.UserId, u => u.Friends);
        Assert.Equal(["11", "12"], users["10"]);
        Assert.Equal(["10"], users["11"]);
        Assert.Equal(["10"], users["12"]);
    }

    [Fact]
    public void Interests_weigh_the_most_used_tag_1()
    {
        var tags = Read().Users.Single(u => u.UserId == "10").Interests!.Tags!;
        Assert.Equal(1, tags["metal"]);
        Assert.Equal(1, tags["80s-pop"]);
        Assert.Null(Read().Users.Single(u => u.UserId == "12").Interests);
    }

    [Fact]
    public void Plays_lie_in_the_eight_weeks_before_the_newest_tag_of_their_user_and_in_order()
    {
        var events = Read().Events.ToList();
        Assert.Equal(4, events.Count);
        var first = events.Where(e => e.UserId == "10").ToList();
        var newest = new DateTimeOffset(2009, 5, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.All(first, e => Assert.InRange(e.Timestamp!.Value, newest - TimeSpan.FromDays(56), newest));
        Assert.Equal(first.OrderBy(e => e.Timestamp), first);
        Assert.Equal(3, first.Select(e => e.Timestamp).Distinct().Count());
    }

    [Theory]
    [InlineData(1, 0.0753)]
    [InlineData(99, 0.5)]
    [InlineData(9_999, 1)]
    [InlineData(352_698, 1)]
    public void Play_counts_become_a_share_that_a_solid_listener_has_half_of(long plays, double value) =>
        Assert.Equal(value, PlayTaste.Value(plays));

    [Fact]
    public void Reading_twice_gives_the_same_events()
    {
        Assert.Equal(Read().Events, Read().Events);
        Assert.Equal(4, Read().Events.Select(e => e.EventId).Distinct().Count());
    }

    [Fact]
    public void A_prefix_stands_before_every_id()
    {
        var set = HetRecLastFm.Read(Open(), new IdScope("lf-"), HistoryHoldOut.None);
        Assert.All(set.Items, i => Assert.StartsWith("lf-", i.ItemId));
        Assert.All(set.Items, i => Assert.StartsWith("lf-artist-", i.CreatorId));
        Assert.All(set.Users, u => Assert.All([u.UserId, .. u.Friends], id => Assert.StartsWith("lf-", id)));
        Assert.All(set.Events, e => Assert.Equal(("lf-", "lf-"), (e.UserId[..3], e.ItemId[..3])));
        Assert.Empty(set.Events.Select(e => e.EventId).Intersect(Read().Events.Select(e => e.EventId)));
    }

    [Fact]
    public void A_hold_out_leaves_the_plays_and_the_tags_of_its_pairs_out()
    {
        // Of the three artists of user 10 a third is set aside, of the one of user 11 nothing.
        var set = HetRecLastFm.Read(Open(), new IdScope(""), new HistoryHoldOut(0.34, 1));
        var held = Assert.Single(set.HeldOut);
        Assert.Equal("10", held.UserId);
        Assert.Equal(EventType.Play, held.Type);
        Assert.Equal(3, set.EventCount);
        Assert.DoesNotContain(set.Events, e => e.EventId == held.EventId);
        Assert.Equal(1, set.Files.Single(f => f.Name == "user_artists.dat").HeldOut);
        var all = Read().Users.Single(u => u.UserId == "10").Interests!.Tags!.Count;
        var tagsOfPair = held.ItemId switch { "1" => 2, "2" => 0, _ => 1 };
        Assert.Equal(all - tagsOfPair, set.Users.Single(u => u.UserId == "10").Interests?.Tags!.Count ?? 0);
    }

    [Fact]
    public void The_choice_of_a_hold_out_depends_on_the_seed_and_not_on_the_order()
    {
        var items = Enumerable.Range(0, 50).Select(i => $"{i}").ToList();
        var chosen = new HistoryHoldOut(0.2, 1).Choose("u", items).ToHashSet();
        Assert.Equal(10, chosen.Count);
        Assert.True(chosen.SetEquals(new HistoryHoldOut(0.2, 1).Choose("u", [.. Enumerable.Reverse(items)])));
        Assert.False(chosen.SetEquals(new HistoryHoldOut(0.2, 2).Choose("u", items)));
        Assert.False(chosen.SetEquals(new HistoryHoldOut(0.2, 1).Choose("v", items)));
        Assert.Empty(new HistoryHoldOut(0.9, 1).Choose("u", ["only"]));
    }

    [Theory]
    [InlineData("Rock Français", "rock-francais")]
    [InlineData("  die Ärzte  ", "die-arzte")]
    [InlineData("fußball", "fussball")]
    [InlineData("80's", "80s")]
    [InlineData("r&b  /  soul", "rb-soul")]
    [InlineData("trip-hop", "trip-hop")]
    [InlineData("日本", "")]
    [InlineData("Þú ÿ Õ", "tu-y-o")]
    public void Tags_become_ids(string tag, string id) => Assert.Equal(id, TagId.From(tag));

    [Fact]
    public void A_folder_without_the_files_is_named()
    {
        var path = _folder.Zip("other.zip", ("readme.txt", [1]));
        using var data = DataFolder.Open(path);
        Assert.Contains("artists.dat", Assert.Throws<InvalidDataException>(() => HetRecLastFm.Read(data, new IdScope(""), HistoryHoldOut.None)).Message);
    }

    public void Dispose() => _folder.Dispose();

    private ImportSet Read()
    {
        using var data = Open();
        return HetRecLastFm.Read(data, new IdScope(""), HistoryHoldOut.None);
    }

    private DataFolder Open()
    {
        var path = Path.Combine(_folder.Path, "lastfm.zip");
        return DataFolder.Open(File.Exists(path) ? path : SampleSets.SmallHetRec(_folder));
    }
}
