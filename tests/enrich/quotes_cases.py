"""Texts with the quotes that a careful reader marks in them, by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Marked = tuple[Literal["direct", "reported"], str | None, str]  # kind, speaker, words


@dataclass(frozen=True, slots=True)
class Case:
    """`people` and `bodies` are the names found, as they stand in the text; `called` gives the whole names of some."""

    language: str
    text: str
    quotes: tuple[Marked, ...] = ()
    people: tuple[str, ...] = ()
    bodies: tuple[str, ...] = ()
    called: tuple[tuple[str, str], ...] = ()


ENGLISH = (
    Case(
        "en",
        "“We will open the canal in two years,” said Prime Minister Hun Manet.",
        (("direct", "Hun Manet", "We will open the canal in two years,"),),
        people=("Hun Manet",),
    ),
    Case(
        "en",
        "Wang Yi said on Sunday that China would buy more rice from its neighbour.",
        (("reported", "Wang Yi", "China would buy more rice from its neighbour"),),
        people=("Wang Yi",),
    ),
    Case(
        "en",
        'The visit was short. "It was a good and useful meeting," Sokhonn told reporters in Phnom Penh.',
        (("direct", "Prak Sokhonn", "It was a good and useful meeting,"),),
        people=("Sokhonn",),
        called=(("Sokhonn", "Prak Sokhonn"),),
    ),
    Case(
        "en",
        "He said the road would be finished by the end of May. The workers went home.",
        (("reported", None, "the road would be finished by the end of May"),),
    ),
    Case("en", "The so-called “iron friendship” was on show at the “Golden Silk” hotel.", ()),
    Case(
        "en",
        "The cinema showed “The Last Reel of the Mekong” to guests of Hun Manet.",
        (),
        people=("Hun Manet",),
    ),
    Case(
        "en",
        "Wang Yi, China’s foreign minister, said: “Nobody should take sides in this matter.” He then flew home.",
        (("direct", "Wang Yi", "Nobody should take sides in this matter."),),
        people=("Wang Yi",),
    ),
    Case(
        "en",
        "“This is a very sad day,” he said.\nThe Red Cross said it had sent doctors to the province.",
        (
            ("direct", None, "This is a very sad day,"),
            ("reported", "Red Cross", "it had sent doctors to the province"),
        ),
        bodies=("Red Cross",),
    ),
    Case(
        "en",
        "Hun Manet’s spokesman met reporters. Rain fell on the workers’ tents, and they’d been told to leave.",
        (),
        people=("Hun Manet",),
    ),
    Case(
        "en",
        "‘We don’t want the workers’ houses touched,’ said Sok Eysan. The crowd left.",
        (("direct", "Sok Eysan", "We don’t want the workers’ houses touched,"),),
        people=("Sok Eysan",),
    ),
    Case(
        "en",
        "Trade between the two grew by a fifth, Penn Sovicheat said on Friday.",
        (("reported", "Penn Sovicheat", "Trade between the two grew by a fifth"),),
        people=("Penn Sovicheat",),
    ),
    Case(
        "en",
        "Li Qiang warned that tariffs hurt everybody. “We have to keep our markets open.”",
        (
            ("reported", "Li Qiang", "tariffs hurt everybody"),
            ("direct", "Li Qiang", "We have to keep our markets open."),
        ),
        people=("Li Qiang",),
    ),
    Case(
        "en",
        "The Ministry of Tourism announced a new visa. Hun Sen met Wang Yi in Beijing.",
        (),
        people=("Hun Sen", "Wang Yi"),
        bodies=("Ministry of Tourism",),
    ),
    Case(
        "en",
        "Hun Sen told reporters that Mr. Li had promised “all the help that we need” for the dam.",
        (
            ("reported", "Hun Sen", "Mr. Li had promised"),
            ("direct", "Hun Sen", "all the help that we need"),
        ),
        people=("Hun Sen",),
    ),
    Case(
        "en",
        "Premier Li was pleased with relations, which he said were based on trust and “win-win cooperation”.",
        (),
        people=("Li",),
    ),
    Case(
        "en",
        "Li said China would go on with its “win-win cooperation”.\n"
        "Under the heading “Growth for all of us”, guests will be asked to speak.",
        (("reported", "Li", "China would go on with its “win-win cooperation”"),),
        people=("Li",),
    ),
    Case(
        "en",
        "“They fly to Beijing when Europe asks,” said a former lawmaker of the dissolved National Rescue Party.",
        (("direct", None, "They fly to Beijing when Europe asks,"),),
        bodies=("National Rescue Party",),
    ),
)

FRENCH = (
    Case(
        "fr",
        "« Nous avons besoin de routes et d’écoles », a déclaré le Premier ministre Hun Manet.",
        (("direct", "Hun Manet", "Nous avons besoin de routes et d’écoles"),),
        people=("Hun Manet",),
    ),
    Case(
        "fr",
        "Wang Yi a déclaré dimanche que la Chine achèterait plus de riz.",
        (("reported", "Wang Yi", "la Chine achèterait plus de riz"),),
        people=("Wang Yi",),
    ),
    Case(
        "fr",
        "Hun Sen a affirmé qu’il ne quitterait pas la vie politique avant dix ans.",
        (("reported", "Hun Sen", "il ne quitterait pas la vie politique avant dix ans"),),
        people=("Hun Sen",),
    ),
    Case(
        "fr",
        "« C’est une très bonne nouvelle pour nous », a-t-il ajouté.",
        (("direct", None, "C’est une très bonne nouvelle pour nous"),),
    ),
    Case("fr", "La « route de la soie » passe par le port, selon les habitants.", ()),
    Case(
        "fr",
        "Le ministère des Finances a annoncé une nouvelle taxe. Emmanuel Macron arrivera lundi.",
        (),
        people=("Emmanuel Macron",),
        bodies=("ministère des Finances",),
    ),
    Case(
        "fr",
        "Les travaux commenceront en août, a indiqué Sun Chanthol.",
        (("reported", "Sun Chanthol", "Les travaux commenceront en août"),),
        people=("Sun Chanthol",),
    ),
    Case(
        "fr",
        "Emmanuel Macron, le président français, a expliqué que l’Europe resterait ouverte à l’Asie.",
        (("reported", "Emmanuel Macron", "l’Europe resterait ouverte à l’Asie"),),
        people=("Emmanuel Macron",),
    ),
    Case(
        "fr",
        "Le roman « Un barrage contre le Pacifique » a été traduit en khmer.",
        (),
    ),
    Case(
        "fr",
        "Hun Manet a souligné : « Le canal appartient au peuple khmer. » La foule a applaudi.",
        (("direct", "Hun Manet", "Le canal appartient au peuple khmer."),),
        people=("Hun Manet",),
    ),
    Case(
        "fr",
        "La Croix-Rouge précise que trois camions sont partis hier soir.\nIl pleuvait.",
        (("reported", "Croix-Rouge", "trois camions sont partis hier soir"),),
        bodies=("Croix-Rouge",),
    ),
    Case(
        "fr",
        "Elle a dit que les enfants étaient rentrés chez eux. « Tout le monde va bien ce soir. »",
        (
            ("reported", None, "les enfants étaient rentrés chez eux"),
            ("direct", None, "Tout le monde va bien ce soir."),
        ),
    ),
)

CHINESE = (
    Case("zh", "王毅表示，中方愿同柬方加强合作。", (("reported", "王毅", "中方愿同柬方加强合作"),), people=("王毅",)),
    Case(
        "zh",
        "洪玛奈说：“我们欢迎更多企业来投资。”双方随后签署协议。",
        (("direct", "洪玛奈", "我们欢迎更多企业来投资。"),),
        people=("洪玛奈",),
    ),
    Case(
        "zh",
        "“这是两国人民的共同心愿。”王毅说。",
        (("direct", "王毅", "这是两国人民的共同心愿。"),),
        people=("王毅",),
    ),
    Case("zh", "双方同意共建“一带一路”，推动“钻石六边”合作架构。", ()),
    Case(
        "zh",
        "外交部发言人林剑在例行记者会上指出，南海局势总体稳定。",
        (("reported", "林剑", "南海局势总体稳定"),),
        people=("林剑",),
    ),
    Case("zh", "他强调，任何国家都不应干涉别国内政。", (("reported", None, "任何国家都不应干涉别国内政"),)),
    Case("zh", "王毅访问金边，与洪森会谈。说明书名称未变。", (), people=("王毅", "洪森")),
    Case(
        "zh",
        "柬埔寨国家银行称，今年经济增长将达到百分之六。",
        (("reported", "柬埔寨国家银行", "今年经济增长将达到百分之六"),),
        bodies=("柬埔寨国家银行",),
    ),
    Case(
        "zh",
        "「我們會繼續支持這個項目，」李強表示。",
        (("direct", "李強", "我們會繼續支持這個項目，"),),
        people=("李強",),
    ),
    Case(
        "zh",
        "洪森强调，运河不会影响湄公河；施工明年开始。记者当天离开。",
        (("reported", "洪森", "运河不会影响湄公河；施工明年开始"),),
        people=("洪森",),
    ),
    Case("zh", "第三届“一带一路国际合作高峰论坛”在北京举行。", ()),
    Case(
        "zh",
        "会上，王毅说，中国经济长期向好。他说：“中国的大门会越开越大。”",
        (
            ("reported", "王毅", "中国经济长期向好"),
            ("direct", None, "中国的大门会越开越大。"),
        ),
        people=("王毅",),
    ),
)

KHMER = (
    Case(
        "km",
        "លោក ហ៊ុន ម៉ាណែត បានថ្លែងថា ព្រែកជីកហ្វូណនតេជោនឹងបញ្ចប់ក្នុងឆ្នាំក្រោយ។",
        (("reported", "ហ៊ុន ម៉ាណែត", "ព្រែកជីកហ្វូណនតេជោនឹងបញ្ចប់ក្នុងឆ្នាំក្រោយ"),),
        people=("ហ៊ុន ម៉ាណែត",),
    ),
    Case(
        "km",
        "សម្តេច ហ៊ុន សែន បាននិយាយថា៖ «យើងត្រូវការសន្តិភាពសម្រាប់ប្រទេសជាតិ»។",
        (("direct", "ហ៊ុន សែន", "យើងត្រូវការសន្តិភាពសម្រាប់ប្រទេសជាតិ"),),
        people=("ហ៊ុន សែន",),
    ),
    Case(
        "km",
        "លោក វ៉ាង យី បញ្ជាក់ថា ចិននឹងទិញអង្ករពីកម្ពុជាបន្ថែមទៀត។ កិច្ចប្រជុំបានបញ្ចប់។",
        (("reported", "វ៉ាង យី", "ចិននឹងទិញអង្ករពីកម្ពុជាបន្ថែមទៀត"),),
        people=("វ៉ាង យី",),
    ),
    Case("km", "គម្រោង «ខ្សែក្រវាត់» បានចាប់ផ្តើមនៅភ្នំពេញ។", ()),
    Case("km", "លោក វ៉ាង យី បានជួបលោក ហ៊ុន សែន នៅភ្នំពេញ។ ថាមពលព្រះអាទិត្យមានតម្លៃថោក។", (), people=("វ៉ាង យី", "ហ៊ុន សែន")),
    Case(
        "km",
        "លោកបានបន្ថែមថា ផ្លូវនេះនឹងជួយប្រជាពលរដ្ឋជាច្រើន។",
        (("reported", None, "ផ្លូវនេះនឹងជួយប្រជាពលរដ្ឋជាច្រើន"),),
    ),
    Case(
        "km",
        "ក្រសួងសុខាភិបាល បានប្រកាសថា មន្ទីរពេទ្យថ្មីនឹងបើកនៅខែឧសភា។",
        (("reported", "ក្រសួងសុខាភិបាល", "មន្ទីរពេទ្យថ្មីនឹងបើកនៅខែឧសភា"),),
        bodies=("ក្រសួងសុខាភិបាល",),
    ),
    Case(
        "km",
        "លោក ប្រាក់ សុខុន មានប្រសាសន៍នៅថ្ងៃអាទិត្យថា ទំនាក់ទំនងទាំងពីររឹងមាំជាងមុន។",
        (("reported", "ប្រាក់ សុខុន", "ទំនាក់ទំនងទាំងពីររឹងមាំជាងមុន"),),
        people=("ប្រាក់ សុខុន",),
    ),
    Case(
        "km",
        "«ប្រជាជនយើងចង់បានសាលារៀនថ្មី» លោក សុខ ឥសាន បានថ្លែង។",
        (("direct", "សុខ ឥសាន", "ប្រជាជនយើងចង់បានសាលារៀនថ្មី"),),
        people=("សុខ ឥសាន",),
    ),
    Case("km", "ក្រសួងទេសចរណ៍ បានប្រកាសទិដ្ឋាការថ្មី។", (), bodies=("ក្រសួងទេសចរណ៍",)),
    Case(
        "km",
        "លោក ហ៊ុន ម៉ាណែត បានគូសបញ្ជាក់ថា៖ “កម្ពុជាមិនអនុញ្ញាតឱ្យមានមូលដ្ឋានយោធាបរទេស”។",
        (("direct", "ហ៊ុន ម៉ាណែត", "កម្ពុជាមិនអនុញ្ញាតឱ្យមានមូលដ្ឋានយោធាបរទេស"),),
        people=("ហ៊ុន ម៉ាណែត",),
    ),
    Case(
        "km",
        "លោក វ៉ាង យី បានលើកឡើងថា ចិនគាំទ្រកម្ពុជាជានិច្ច។ លោក ហ៊ុន សែន បានអះអាងថា មិត្តភាពនេះមិនប្រែប្រួលឡើយ។",
        (
            ("reported", "វ៉ាង យី", "ចិនគាំទ្រកម្ពុជាជានិច្ច"),
            ("reported", "ហ៊ុន សែន", "មិត្តភាពនេះមិនប្រែប្រួលឡើយ"),
        ),
        people=("វ៉ាង យី", "ហ៊ុន សែន"),
    ),
    Case(
        "km",
        "ប្រធានបក្សបានឆ្លើយពីការទាក់ទងជាមួយគណបក្សកុម្មុយនីស្ត ដោយលោកបានអះអាងថា លោកមិនដែលធ្វើតាមអ្នកណាឡើយ។",
        (("reported", None, "លោកមិនដែលធ្វើតាមអ្នកណាឡើយ"),),
        bodies=("គណបក្សកុម្មុយនីស្ត",),
    ),
)

CASES = (*ENGLISH, *FRENCH, *CHINESE, *KHMER)
