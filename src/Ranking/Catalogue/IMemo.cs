namespace KgOrleans.Ranking.Catalogue;

/// <summary>What a layer above computed from a chunk of rows and can use again while the chunk does not change.</summary>
internal interface IMemo
{
    /// <summary>The memo that the chunk starts with after a change: it keeps what the change does not touch.</summary>
    IMemo AfterChange();
}
