using System.Text;
using KgOrleans.TestSupport;

namespace KgOrleans.ClientTestSupport;

/// <summary>Small data sets with every trap of the real ones, and the way to the real ones.</summary>
public static class SampleSets
{
    public const string HetRecZip = "hetrec2011-lastfm-2k.zip";
    public const string KuaiRandZip = "kuairand.zip";

    /// <summary>
    /// Path of a real set; null when it is not there. They lie in the folder that KG_SHARED names, or in <c>../shared/data</c> beside the clone: their licences
    /// keep them out of it.
    /// </summary>
    public static string? FindReal(string file) => SharedFolder.FindDataSet(file);

    /// <summary>Why a test that needs a real set is skipped.</summary>
    public static string Missing(string file) => $"{file} is not in ../shared/data beside the clone, nor in the folder that KG_SHARED names";

    /// <summary>Three listeners, four artists. Returns the path of a zip file in a fresh folder.</summary>
    public static string SmallHetRec(TestFolder folder) => folder.Zip("lastfm.zip",
        ("set/artists.dat", Utf8("id\tname\turl\tpictureURL\n1\tMALICE MIZER\thttp://a\thttp://b\n2\tעברי לידר "
            + "\"live\"\thttp://a\thttp://b\n3\tCafé\thttp://a\thttp://b\n4\tNobody\thttp://a\thttp://b\n4\tTwice\thttp://a\thttp://b\nx\tBad\thttp://a\thttp://b\n")),
        ("set/tags.dat", Encoding.Latin1.GetBytes("tagID\ttagValue\r\n1\tmetal\r\n2\trock français\r\n3\t80's  Pop\r\n4\t!!!\r\n")),
        ("set/user_artists.dat", Utf8("userID\tartistID\tweight\r\n10\t1\t13883\r\n10\t2\t99\r\n10\t3\t1\r\n11\t1\t5\r\n11\t99\t5\r\n11\t2\t0\r\n11\t1\t7\r\n12\t3\r\n")),
        ("set/user_friends.dat", Utf8("userID\tfriendID\r\n10\t11\r\n11\t10\r\n10\t12\r\n11\t11\r\n")),
        ("set/user_taggedartists.dat", Utf8("userID\tartistID\ttagID\tday\tmonth\tyear\r\n10\t1\t1\t1\t4\t2009\r\n10\t1\t2\t1\t5\t2009\r\n11\t1\t2\t9\t5\t2011\r\n10\t99\t1\t1\t4\t2009\r\n10\t2\t1\t1\t9\t1956\r\n10\t2\t4\t1\t4\t2009\r\n10\t2\t77\t1\t4\t2009\r\n10\t2\t3\t31\t2\t2009\r\n10\t3\t3\t1\t4\t2009\r\n")));

    /// <summary>Two users with features, one without; three videos with features.</summary>
    /// <param name="folder">Where to write it.</param>
    /// <param name="music">Text of every music_id; null for ids.</param>
    public static string SmallKuaiRand(TestFolder folder, string? music = null) => folder.Zip("kuairand.zip",
        ("k/pure/user_features_pure.csv", Utf8(
            $"user_id,user_active_degree,is_lowactive_period,is_live_streamer,is_video_author,follow_user_num,follow_user_num_range,fans_user_num,fans_user_num_range,friend_user_num,friend_user_num_range,register_days,register_days_range,{string.Join(',', Enumerable.Range(0, 18).Select(i => "onehot_feat" + i))}\n" +
            $"0,full_active,0,1,1,514,500+,150,\"[100,1k)\",34,\"[30,60)\",799,730+,{string.Join(',', Enumerable.Repeat("1.0", 18))}\n" +
            $"1,UNKNOWN,0,-124,1,457,\"(250,500]\",20,\"[10,100)\",3,\"[1,5)\",1474,730+,{string.Join(',', Enumerable.Repeat("", 18))}\n")),
        ("k/pure/video_features_basic_pure.csv", Utf8(
            "video_id,author_id,video_type,upload_dt,upload_type,visible_status,video_duration,server_width,server_height,music_id,music_type,tag\n" +
            $"0,7349781,NORMAL,2022-04-10,LongImport,0.0,10000.0,720.0,1280.0,{music ?? "9155697141"},9.0,39\n" +
            $"7,1,NORMAL,2022-04-10,LongPicture,0.0,,720.0,1440.0,{music ?? "6355540435"},8.0,\"20,67\"\n" +
            $"8,8496788,AD,2022-04-09,UNKNOWN,0.0,150366.0,720.0,1280.0,{music ?? "0"},,\n" +
            "9,8496788,AD,yesterday,UNKNOWN,0.0,150366.0,720.0,1280.0,0,,\n")),
        ("k/explicit/processed_standard_kcore_15.tsv", Utf8(
            "user_id\tvideo_id\tdate\thourmin\ttime_ms\tis_click\tis_follow\tis_comment\tis_forward\tlong_view\tplay_time_ms\tduration_ms\tcomment_stay_time\tis_profile_enter\tlabel\ttimestamp\n" +
            Log(0, 0, 1650000002000, click: 1, follow: 1, comment: 1, forward: 1, longView: 0, played: 2500, duration: 9999, label: 1) +
            Log(0, 900, 1650000001000, click: 1, follow: 0, comment: 0, forward: 0, longView: 1, played: 20000, duration: 100000, label: 0) +
            Log(0, 900, 1650000001000, click: 1, follow: 0, comment: 0, forward: 0, longView: 1, played: 20000, duration: 100000, label: 0) +
            Log(5, 7, 1650000003000, click: 1, follow: 0, comment: 0, forward: 0, longView: 0, played: 9000, duration: 0, label: 1) +
            Log(1, 8, 1650000000000, click: 0, follow: 0, comment: 0, forward: 0, longView: 0, played: 0, duration: 150366, label: 0) +
            Log(1, 8, 12, click: 0, follow: 0, comment: 0, forward: 0, longView: 0, played: 0, duration: 150366, label: 0) +
            Log(1, 8, 1650000000500, click: 7, follow: 0, comment: 0, forward: 0, longView: 0, played: 0, duration: 150366, label: 0))));

    private static string Log(
        int user, int video, long time, int click, int follow, int comment, int forward, int longView, int played, int duration, int label) =>
        $"{user}\t{video}\t20220415\t1200\t{time}\t{click}\t{follow}\t{comment}\t{forward}\t{longView}\t{played}\t{duration}\t0\t0\t{label}\tx\n";

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);
}
