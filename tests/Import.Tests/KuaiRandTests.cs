using KgOrleans.ClientTestSupport;
using KgOrleans.Import.Sets;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Import.Tests;

[Trait("Suite", "Unit")]
public sealed class KuaiRandTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ImportSet _set;

    public KuaiRandTests()
    {
        using var data = DataFolder.Open(SampleSets.SmallKuaiRand(_folder));
        _set = KuaiRand.Read(data, new IdScope(""));
    }

    [Fact]
    public void A_video_keeps_its_author_song_date_length_and_tags()
    {
        var video = _set.Items.Single(i => i.ItemId == "0");
        Assert.Equal((ItemKind.Video, "author-7349781", "9155697141", 10), (video.Kind, video.CreatorId, video.SongId, video.DurationSeconds));
        Assert.Equal(new DateTimeOffset(2022, 4, 9, 16, 0, 0, TimeSpan.Zero), video.PublishedAt);
        Assert.Equal(["39"], video.Tags);
        Assert.Equal(["20", "67"], _set.Items.Single(i => i.ItemId == "7").Tags);
        Assert.Equal(0.5625, video.Features!["aspect"]);
    }

    [Fact]
    public void Whole_numbers_that_pandas_wrote_as_floats_are_read()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, "pandas")).FullName;
        using (var zip = System.IO.Compression.ZipFile.OpenRead(Path.Combine(_folder.Path, SampleSets.KuaiRandZip)))
        {
            // Every whole number that stands alone in a field gets a fraction of zero.
            foreach (var entry in zip.Entries)
            {
                using var reader = new StreamReader(entry.Open());
                var header = reader.ReadLine();
                File.WriteAllText(
                    Path.Combine(folder, entry.Name),
                    header + "\n" + System.Text.RegularExpressions.Regex.Replace(reader.ReadToEnd(), @"(?<=^|[,\t])-?\d+(?=[,\t\n])(?!"")", "$0.0",
                        System.Text.RegularExpressions.RegexOptions.Multiline));
            }
        }
        using var data = DataFolder.Open(folder);
        var set = KuaiRand.Read(data, new IdScope(""));

        static string Json<T>(IEnumerable<T> documents) => System.Text.Json.JsonSerializer.Serialize(documents);
        Assert.Equal(Json(_set.Items.OrderBy(i => i.ItemId)), Json(set.Items.OrderBy(i => i.ItemId)));
        Assert.Equal(Json(_set.Users), Json(set.Users));
        Assert.Equal(Json(_set.Events), Json(set.Events));
        Assert.Equal("9155697141", set.Items.Single(i => i.ItemId == "0").SongId);
    }

    [Fact]
    public void Music_0_is_no_song_and_a_missing_duration_is_absent()
    {
        Assert.Null(_set.Items.Single(i => i.ItemId == "8").SongId);
        Assert.Equal(1, _set.Items.Single(i => i.ItemId == "8").Features!["is_ad"]);
        Assert.Null(_set.Items.Single(i => i.ItemId == "7").DurationSeconds);
    }

    [Fact]
    public void A_video_that_only_the_log_knows_is_its_own_creators()
    {
        var stub = _set.Items.Single(i => i.ItemId == "900");
        Assert.Equal(("video-900", 100.0, "kuairand"), (stub.CreatorId, stub.DurationSeconds, stub.WorldId));
        Assert.Null(stub.PublishedAt);
        Assert.Equal(4, _set.Items.Count);
    }

    [Fact]
    public void Users_have_numeric_features_without_those_that_are_not_known()
    {
        var full = _set.Users.Single(u => u.UserId == "0").Features!;
        Assert.Equal((7, 1, 514), (full["user_active_degree"], full["is_live_streamer"], full["follow_user_num"]));
        Assert.Equal(1, full["onehot_feat17"]);
        var sparse = _set.Users.Single(u => u.UserId == "1").Features!;
        Assert.DoesNotContain("user_active_degree", sparse.Keys);
        Assert.DoesNotContain("is_live_streamer", sparse.Keys);
        Assert.DoesNotContain("onehot_feat0", sparse.Keys);
        Assert.Equal(1474, sparse["register_days"]);
        // User 5 is in the log alone.
        Assert.Contains(_set.Users, u => u.UserId == "5" && u.Features is null);
    }

    [Fact]
    public void A_row_becomes_a_play_and_its_reactions()
    {
        var events = _set.Events.Where(e => e.UserId == "0" && e.ItemId == "0").ToList();
        Assert.Equal([EventType.Play, EventType.Like, EventType.Follow, EventType.Comment, EventType.Share], events.Select(e => e.Type));
        // The length is the video's own, not the log's.
        Assert.Equal(0.25, events[0].Value);
        Assert.All(events.Skip(1), e => Assert.Null(e.Value));
        Assert.All(events, e => Assert.Equal(1650000002000, e.Timestamp!.Value.ToUnixTimeMilliseconds()));
    }

    [Fact]
    public void A_long_view_counts_as_a_valid_play_and_hate_is_a_dislike()
    {
        var events = _set.Events.Where(e => e.ItemId == "900").ToList();
        Assert.Equal([EventType.Play, EventType.Dislike], events.Select(e => e.Type));
        Assert.Equal(0.5, events[0].Value);
    }

    [Fact]
    public void A_click_on_a_picture_without_length_is_a_valid_play() =>
        Assert.Equal(EventTypes.ValidPlay, _set.Events.First(e => e.UserId == "5").Value);

    [Fact]
    public void Nothing_clicked_or_played_is_an_impression() =>
        Assert.Equal([EventType.Impression, EventType.Dislike], _set.Events.Where(e => e.UserId == "1").Select(e => e.Type));

    [Fact]
    public void Events_of_a_user_are_in_time_order_with_ids_of_their_own()
    {
        Assert.Equal(_set.EventCount, _set.Events.Count());
        Assert.Equal(_set.EventCount, _set.Events.Select(e => e.EventId).Distinct().Count());
        Assert.All(_set.Events.GroupBy(e => e.UserId), user => Assert.Equal(user.OrderBy(e => e.Timestamp), user));
        Assert.Equal(1650000003000, _set.Newest!.Value.ToUnixTimeMilliseconds());
    }

    [Fact]
    public void Bad_and_repeated_rows_are_rejected_with_reasons()
    {
        var log = _set.Files.Single(f => f.Name.StartsWith("processed_", StringComparison.Ordinal));
        Assert.Equal((7, 4), (log.Read, log.Accepted));
        Assert.Equal(
            ["repeats an earlier row: same user, video and time", "time_ms is not a time after 2000", "a signal is neither 0 nor 1"],
            log.Rejected.Reasons.Select(r => r.Text));
        Assert.Equal("upload_dt is not a date", _set.Files[1].Rejected.Reasons.Single().Text);
    }

    [Fact]
    public void The_publishers_own_log_has_a_column_for_like_and_one_for_hate()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, "data")).FullName;
        using (var zip = System.IO.Compression.ZipFile.OpenRead(Path.Combine(_folder.Path, SampleSets.KuaiRandZip)))
        {
            foreach (var entry in zip.Entries.Where(e => e.Name.EndsWith(".csv", StringComparison.Ordinal)))
                System.IO.Compression.ZipFileExtensions.ExtractToFile(entry, Path.Combine(folder, entry.Name));
        }
        File.WriteAllText(Path.Combine(folder, "log_standard_4_08_to_4_21_pure.csv"),
            "user_id,video_id,date,hourmin,time_ms,is_click,is_like,is_follow,is_comment,is_forward,is_hate,long_view,play_time_ms,duration_ms,profile_stay_time,comment_stay_time,is_profile_enter,is_rand,tab\n" +
            "0,0,20220408,1400,1649399000000,1,0,0,0,0,0,0,5000,10000,0,0,0,0,1\n" +
            "0,8,20220408,1400,1649399000001,0,1,0,0,0,0,0,0,10000,0,0,0,0,1\n" +
            "0,7,20220408,1400,1649399000002,0,0,0,0,0,1,0,0,10000,0,0,0,0,1\n");
        using var data = DataFolder.Open(folder);
        Assert.Equal(
            [("0", EventType.Play), ("8", EventType.Impression), ("8", EventType.Like), ("7", EventType.Impression), ("7", EventType.Dislike)],
            KuaiRand.Read(data, new IdScope("")).Events.Select(e => (e.ItemId, e.Type)));
    }

    public void Dispose() => _folder.Dispose();
}
