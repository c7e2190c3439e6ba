namespace KgOrleans.Ranking.Catalogue;

/// <summary>Keys behind the numbers of a <see cref="KeyTable{TKeys}"/>, which it reads to tell keys with equal fingerprints apart.</summary>
internal interface IKeyed
{
    /// <summary>Key that a number stands for.</summary>
    ulong KeyAt(int number);
}
