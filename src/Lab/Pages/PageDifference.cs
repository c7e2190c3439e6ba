namespace KgOrleans.Lab.Pages;

/// <summary>One value that differs between two recordings.</summary>
/// <param name="Page">The page, of whichever recording has it.</param>
/// <param name="Position">Position of the item on the page, from 0; null when the difference is not in an item.</param>
/// <param name="Member">Path of the member, as in <c>scores.fineRank</c>.</param>
/// <param name="First">JSON of the value in the first recording, or <see cref="Absent"/>.</param>
/// <param name="Second">The same of the second recording.</param>
internal sealed record PageDifference(RecordedPage Page, int? Position, string Member, string First, string Second)
{
    /// <summary>Stands for a value that a recording does not have.</summary>
    public const string Absent = "absent";

    /// <inheritdoc />
    public override string ToString() =>
        $"user {Page.User}, scene {Page.Scene}, page {Page.Page}{(Position is { } at ? $", position {at}" : "")}, {Member}: {First} / {Second}";
}
