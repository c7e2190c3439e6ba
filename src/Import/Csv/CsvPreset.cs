namespace KgOrleans.Import.Csv;

/// <summary>How the files of a known format are mapped. Files are recognised by their columns, not by their names.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Shapes">The files.</param>
/// <param name="Expected">The files with their columns, for people.</param>
public sealed record CsvPreset(string Name, IReadOnlyList<CsvPreset.Shape> Shapes, string Expected)
{
    /// <summary>Every preset: the formats that gorse, MovieLens, Amazon Personalize and RetailRocket publish.</summary>
    public static IReadOnlyList<CsvPreset> All { get; } =
    [
        new(
            "gorse",
            [
                new(["feedback_type", "user_id", "item_id"], "feedback_type=type user_id=userId item_id=itemId "
                    + "time_stamp=timestamp timestamp=timestamp"),
                new(["item_id"], "item_id=itemId is_hidden=hidden labels=tags categories=communityIds time_stamp=publishedAt timestamp=publishedAt "
                    + "comment=title description=title"),
                new(["user_id"], "user_id=userId labels=tags"),
            ],
            "feedback (feedback_type, user_id, item_id, time_stamp), items (item_id, is_hidden, categories, time_stamp, labels, description), "
                + "users (user_id, labels)"),
        new(
            "movielens",
            [
                new(["userId", "movieId", "rating"], "userId=userId movieId=itemId rating=rating timestamp=timestamp"),
                new(["movieId", "title"], "movieId=itemId title=title genres=tags"),
            ],
            "ratings.csv (userId, movieId, rating, timestamp), movies.csv (movieId, title, genres)"),
        new(
            "personalize",
            [
                new(["USER_ID", "ITEM_ID"], "USER_ID=userId ITEM_ID=itemId TIMESTAMP=timestamp EVENT_TYPE=type"),
                new(["ITEM_ID"], "ITEM_ID=itemId GENRES=tags GENRE=tags CATEGORY_L1=tags CREATION_TIMESTAMP=publishedAt TITLE=title"),
                new(["USER_ID"], "USER_ID=userId"),
            ],
            "interactions (USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE), items (ITEM_ID, GENRES, CREATION_TIMESTAMP), users (USER_ID)"),
        new(
            "retailrocket",
            [new(["timestamp", "visitorid", "event", "itemid"], "timestamp=timestamp visitorid=userId event=type itemid=itemId")],
            "events.csv (timestamp, visitorid, event, itemid, transactionid)"),
    ];

    /// <summary>One file of a format.</summary>
    /// <param name="Required">Columns that tell it.</param>
    /// <param name="Members">Members by column.</param>
    public sealed record Shape(IReadOnlyList<string> Required, IReadOnlyDictionary<string, string> Members)
    {
        /// <summary>A file from text such as <c>user_id=userId item_id=itemId</c>.</summary>
        public Shape(IReadOnlyList<string> required, string members)
            : this(required, members.Split(' ').Select(m => m.Split('=')).ToDictionary(m => m[0], m => m[1]))
        {
        }
    }
}
