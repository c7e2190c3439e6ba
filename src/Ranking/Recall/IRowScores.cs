namespace KgOrleans.Ranking.Recall;

/// <summary>Scores of a channel, 64 rows at a time.</summary>
internal unsafe interface IRowScores
{
    /// <summary>Prepares for the words of a chunk.</summary>
    void Enter(int chunk);

    /// <summary>Scores of 64 rows of the chunk that was entered.</summary>
    /// <param name="word">Number of the word in the chunk.</param>
    /// <param name="floor">Least score that is wanted.</param>
    /// <param name="rows">Rows that may be picked; receives those that reach the floor.</param>
    /// <param name="scratch">Room for 64 scores.</param>
    /// <returns>Address of the 64 scores; those of other rows are undefined.</returns>
    float* Of(int word, float floor, ref ulong rows, float* scratch);
}
