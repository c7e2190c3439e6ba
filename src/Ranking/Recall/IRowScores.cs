namespace KgOrleans.Ranking.Recall;

/// <summary>Scores of a channel, 64 rows at a time.</summary>
internal unsafe interface IRowScores
{
    /// <summary>Makes ready for the words of a chunk.</summary>
    void Enter(int chunk);

    /// <summary>Scores of 64 rows of the chunk that was entered.</summary>
    /// <param name="word">Which of its words.</param>
    /// <param name="floor">Least score that is asked for.</param>
    /// <param name="rows">Rows that may be picked; receives those of them that reach the floor.</param>
    /// <param name="scratch">Room for 64 scores.</param>
    /// <returns>Address of the 64 scores; of other rows they mean nothing.</returns>
    float* Of(int word, float floor, ref ulong rows, float* scratch);
}
