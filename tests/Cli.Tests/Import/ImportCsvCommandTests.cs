using System.IO.Compression;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Cli.Tests.Import;

[Trait("Suite", "Unit")]
public sealed class ImportCsvCommandTests : ServiceTests
{
    [Fact]
    public async Task Gorse_files_become_items_users_and_events()
    {
        var path = Zip(
            ("items.csv", """"
                item_id,is_hidden,categories,time_stamp,labels,description
                i1,false,pop,2024-01-01 00:00:00 +0000 UTC,"[""Ballad"",""Slow song""]","One, with a comma"
                i2,true,,0001-01-01 00:00:00 +0000 UTC,{"tempo":"fast"},
                """"),
            ("users.csv", "user_id,labels\nu1,ballad|rock\n"),
            ("feedback.csv",
                "feedback_type,user_id,item_id,time_stamp\nread,u1,i1,2024-02-01 00:00:00.5 +0800 CST\nstar,u1,i1,2024-02-01T00:00:01Z\nhum,u1,i1,2024-02-01\n"));
        var run = await RunAsync(path, "--preset", "gorse");
        Assert.Equal(["i1", "i2"], Service.Items.Keys.Order());
        Assert.Equal(["ballad", "slow-song"], Service.Items["i1"].Tags);
        Assert.Equal(("One, with a comma", true), (Service.Items["i1"].Title, Service.Items["i2"].Hidden));
        // gorse writes times as Go prints them, and the year 1 for none.
        Assert.Equal(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero), Service.Items["i1"].PublishedAt);
        Assert.Null(Service.Items["i2"].PublishedAt);
        Assert.Equal(new DateTimeOffset(2024, 1, 31, 16, 0, 0, 500, TimeSpan.Zero), Service.Events[0].Timestamp);
        Assert.Equal("item-i1", Service.Items["i1"].CreatorId);
        Assert.Equal(["ballad", "rock"], Service.Users["u1"].Interests!.Tags!.Keys.Order());
        Assert.Equal([EventType.Impression, EventType.Like], Service.Events.Select(e => e.Type));
        Assert.Contains("type 'hum' has no counterpart: pass --type hum=like", run.Out);
        // A second import of the same rows sends the same ids.
        var ids = Service.Events.Select(e => e.EventId).ToArray();
        await RunAsync(path, "--preset", "gorse", "--move-time");
        Assert.Equal(ids, Service.Events.Select(e => e.EventId).Skip(Service.Events.Count - 2));
    }

    [Fact]
    public async Task Ratings_of_four_and_more_are_likes_and_items_without_a_row_are_named_by_events()
    {
        var path = Zip(
            ("ratings.csv", "userId,movieId,rating,timestamp\n1,10,4.0,1700000000\n1,11,3.5,1700000001\n1,12,1.0,1700000002\n2,99,5.0,1700000003\n"),
            ("movies.csv", "movieId,title,genres\n10,Toy Story (1995),Adventure|Animation\n11,Heat,(no genres listed)\n12,\"Sunset, The\",Drama\n"));
        var run = await RunAsync(path, "--preset", "movielens");
        Assert.Equal([("1", "10", EventType.Like), ("1", "12", EventType.Dislike), ("2", "99", EventType.Like)],
            Service.Events.Select(e => (e.UserId, e.ItemId, e.Type)).Order());
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), Service.Events.Min(e => e.Timestamp));
        Assert.Equal(["adventure", "animation"], Service.Items["10"].Tags);
        Assert.Empty(Service.Items["11"].Tags);
        Assert.Equal("item-99", Service.Items["99"].CreatorId);
        Assert.Contains("1 items are named by events alone", run.Out);
    }

    [Fact]
    public async Task Personalize_and_RetailRocket_files_are_told_by_their_columns()
    {
        const string personalize = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu1,i1,1700000000,Watch\nu1,i2,1700000001,Purchase\n";
        await RunAsync(Folder.Write("x.csv", personalize), "--preset", "personalize");
        Assert.Equal([EventType.Play, EventType.Like], Service.Events.Select(e => e.Type));
        const string rocket = "timestamp,visitorid,event,itemid,transactionid\n1433221332117,257597,view,355908,\n1433224214164,992329,transaction,248676,7\n";
        await RunAsync(Folder.Write("events.csv", rocket), "--preset", "retailrocket");
        // Two users: which of them arrives first is open.
        var events = Service.Events.Skip(2).OrderBy(e => e.Timestamp).ToArray();
        Assert.Equal([EventType.Play, EventType.Like], events.Select(e => e.Type));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1433221332117), events[0].Timestamp);
    }

    [Fact]
    public async Task Own_columns_are_mapped_by_name_and_by_option_and_the_mapping_is_shown()
    {
        var file = Folder.Write("log.csv", "User_Id;product;action;when;note\nu1;p 1;listen;2024-01-01;x\nu1;p2;sing;2024-01-01T08:00:00+08:00;\n");
        var run = await RunAsync(file, "--map", "product=itemId", "--map", "action=type", "--map", "when=timestamp", "--type", "sing=share", "--kind", "audio");
        Assert.Contains("product -> itemId", run.Error);
        Assert.Contains("note -> (left out)", run.Error);
        var sent = Assert.Single(Service.Events);
        Assert.Equal(("u1", "p2", EventType.Share), (sent.UserId, sent.ItemId, sent.Type));
        Assert.Equal(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero), sent.Timestamp);
        Assert.Contains("itemId is not an id", run.Out);
    }

    [Fact]
    public async Task Creators_and_people_followed_are_users_with_their_own_ids()
    {
        await RunAsync(Folder.Write("items.csv", "item_id,creator_id\ni1,Ann\ni2,\n"));
        await RunAsync(Folder.Write("users.csv", "user_id,follows,friends\nBob,Ann|Cy,Dee\n"));
        Assert.Equal(("Ann", "item-i2"), (Service.Items["i1"].CreatorId, Service.Items["i2"].CreatorId));
        Assert.Equal(["Ann", "Cy"], Service.Users["Bob"].Follows);
        Assert.Equal(["Dee"], Service.Users["Bob"].Friends);
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "no file has a column for userId or itemId", "a -> (left out)")]
    [InlineData("userId,itemId\n1,2\n", "has no column for type or rating", "userId -> userId")]
    [InlineData("userId,itemId,type\n1,2,like\n", "--map nope: no file has this column", "type -> type", "--map", "nope=value")]
    [InlineData("userId,itemId,type\n1,2,like\n", "must be COLUMN=MEMBER", "songId", "--map", "type=colour")]
    [InlineData("movieId,title\n1,Heat\n", "no file has the columns of its events", "movieId -> itemId", "--preset", "movielens")]
    [InlineData("userId,itemId,type\n1,2,like\n", "--preset csv: must be one of gorse, movielens, personalize, retailrocket", "", "--preset", "csv")]
    [InlineData("userId,itemId,type\n1,2,like\n", "--type like=love: must end with one of impression, play", "", "--type", "like=love")]
    public async Task Columns_that_do_not_fit_are_shown_and_nothing_is_sent(string csv, string reason, string shown, params string[] options)
    {
        var run = await RunAsync(Folder.Write("x.csv", csv), options);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains(reason, run.Error);
        Assert.Contains(shown, run.Error);
        Assert.Equal(0, Service.Calls);
    }

    private Task<CliRun> RunAsync(string path, params string[] options) => CliRun.OfAsync(["import", "csv", path, .. options, "--url", Service.Url]);

    private string Zip(params (string Name, string Text)[] files)
    {
        var path = Folder.Write("set.zip", "");
        using var stream = File.Create(path);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create);
        foreach (var (name, text) in files)
        {
            using var writer = new StreamWriter(zip.CreateEntry(name).Open());
            writer.Write(text);
        }
        return path;
    }
}
