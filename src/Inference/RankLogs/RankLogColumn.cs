namespace KgOrleans.Inference.RankLogs;

/// <summary>One column of fixed width, with one row for the request or one for each logged item.</summary>
/// <param name="Name">Name of an input, or one of the constants here.</param>
/// <param name="Type">Element type; little-endian.</param>
/// <param name="Width">Elements of a row.</param>
/// <param name="PerRequest">Whether the record holds one row, or as many as it has items.</param>
public sealed record RankLogColumn(string Name, RankLogType Type, int Width, bool PerRequest)
{
    /// <summary>Time of the request, unix milliseconds.</summary>
    public const string At = "at";

    /// <summary>Key of the user.</summary>
    public const string User = "user";

    /// <summary>Key of the request's id.</summary>
    public const string Request = "request";

    /// <summary>1 for a user that training must not see.</summary>
    public const string HeldOut = "heldOut";

    /// <summary>Key of the item.</summary>
    public const string Item = "item";

    /// <summary>Position on the page, -1 when it is not known.</summary>
    public const string Position = "position";

    /// <summary>1 for an item that was shown; 0 for a shadow row, an item that was not shown, from which a student can learn the teacher's scores.</summary>
    public const string Exposed = "exposed";

    /// <summary>0 or 1 for each objective; all 0 in shadow rows, where nothing is known.</summary>
    public const string Labels = "labels";

    /// <summary>Bytes of a row.</summary>
    public int RowBytes => Width * Type switch { RankLogType.Float => 4, RankLogType.Int64 => 8, _ => 1 };
}
