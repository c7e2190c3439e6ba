namespace KgOrleans.Ranking.Catalogue;

/// <summary>What a <see cref="KeyTable{TKeys}"/> asks to tell keys apart whose fingerprints are equal.</summary>
internal interface IKeyed
{
    /// <summary>Key that a number stands for.</summary>
    ulong KeyAt(int number);
}
