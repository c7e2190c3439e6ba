namespace KgOrleans.Ranking.Users;

/// <summary>Whether a user has done something that can be taken back, as in liking one item.</summary>
/// <param name="CountedAt">Time of the event that counts in the item's rates and popularity, unix milliseconds; 0 when none does.</param>
/// <param name="LastAt">Time of the newest event or undo, unix milliseconds.</param>
/// <param name="Turns">How often it was done and taken back so far: odd while it holds.</param>
internal readonly record struct Reaction(long CountedAt, long LastAt, ushort Turns)
{
    // Even, so that the turn after it is 1.
    private const ushort LastTurn = ushort.MaxValue - 1;

    /// <summary>Whether it holds.</summary>
    public bool IsOn => (Turns & 1) != 0;

    /// <summary>Whether an event counts: only the first one does, until it is taken back.</summary>
    public bool Counts => !IsOn || CountedAt == 0;

    /// <summary>
    /// Tells events apart that have no id of their own: how often it was taken back, or for an undo how often it was done. A call that is repeated meets the
    /// same number; the same call after the opposite one meets another.
    /// </summary>
    public int Generation(bool undo) => undo ? (Turns + 1) / 2 : Turns / 2;

    /// <summary>After an event at a time (unix milliseconds).</summary>
    public Reaction Done(long at, bool isCounted) =>
        new(isCounted ? at : IsOn ? CountedAt : 0, Math.Max(LastAt, at), IsOn ? Turns : Turn());

    /// <summary>After an undo at a time (unix milliseconds).</summary>
    public Reaction TakenBack(long at) => new(0, Math.Max(LastAt, at), IsOn ? Turn() : Turns);

    private ushort Turn() => Turns == LastTurn ? (ushort)1 : (ushort)(Turns + 1);
}
