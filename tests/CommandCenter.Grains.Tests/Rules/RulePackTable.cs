namespace CommandCenter.Grains.Tests.Rules;

/// <summary>The rows of <see cref="RulePackTableTests"/>, written from the specification and not from the files.</summary>
internal static class RulePackTable
{
    public static readonly string[] Rows = """
        R01 | water_depth ≥ 100/150/200/250 back 30 | 120/120/120/60 | 600 | 2 | SJ-04-06 P01 | 城管 排水 街道 交警 | 待校核
        R02 | water_depth ≥ 50/100/150/250 back 30; rise(water_depth 600) ≥ 50 climbs 1 | 60/60/60/60 | 900 人工 | 2 | SJ-04-06 P01 | 交警 城管 排水 街道 | 待校核
        R03 | sum(rainfall 43200/21600/10800) ≥ 50/50/50/100 | 0/0/0/0 | 3600 | 2 | SJ-21-17 P01 | 应急 水利 城管 全板块 | –
        R04 | sum(rainfall 3600 step 600) ≥ 20/30/50/80 back 20 %; mean(rain_intensity 3600 step 600) ≥ 20/30/50/80 back 20 % | 0/0/0/0 | 1800 | 1 | SJ-21-17 P01 | 应急 排水 街道 | 待校核
        R05 | water_level ≥ 4.3/4.8/5.3/5.8 back 0.05 | 900/900/900/900 | 1800 | 3 | SJ-21-08 P02 | 水利 应急 沿河街道 | 待校核
        R06 | water_level − ref ≥ -0.1/0/0.3/0.6 back 0.05 | 0/0/0/0 | 1800 | 3 | SJ-21-08 P02 | 水利 街道 社区 | 待校核
        R07 | water_level − ref ≥ –/0/0/–; liquid_level − ref ≥ –/0/0/–; while current ≤ 0.5 | –/180/300/– | 300 | 2 | SJ-21-19 P02 | 水利 排水 供电 | 待校核
        R07-red | rise(water_level 300) ≥ –/–/–/0.02; rise(liquid_level 300) ≥ –/–/–/0.02; while voltage ≤ 40 | –/–/–/0 | 300 | 2 | SJ-21-19 P02 | 水利 排水 供电 | 待校核
        R08 | freeboard ≤ 0.8/0.5/0.2/0 back 0.2 | 600/600/600/120 | 900 | 2 | SJ-04-04 P01 | 排水 城管 街道 | 待校核
        R09 | tilt − ref ± 5/10/15/30 till ≤ 3; cover_open ≥ –/–/1/– | 30/30/30/30 | 300 人工 | 2 | BJ-01-02 P06 | 城管 权属单位 街道 | 待校核
        R09-open | cover_open –/–/0.5/– | –/–/30/– | 300 人工 | 1 | BJ-01-02 P06 | 城管 权属单位 街道 | 待校核
        R09-moved | cover_missing –/–/0.5/0.5 | –/–/30/30[main_road] | 300 人工 | 1 | BJ-01-02 P06 | 城管 权属单位 街道 | 待校核
        R10 | h2s ≥ 5/10/15/20 till < 5 | 60/60/60/10 | 600 | 2 | SJ-21-09 P07 | 应急 排水 消防 街道 | 待校核
        R11 | oxygen < –/19.5/19/18 till ≤ 23.2 till ≥ 19.8; oxygen > –/23.5/–/– till ≤ 23.2 till ≥ 19.8 | –/60/60/60 | 600 | 2 | SJ-21-09 P07 | 应急 作业单位 消防 | 待校核
        R12 | gas_lel ≥ 5/10/25/50 till < 5; methane ≥ 0.25/0.5/1.25/2.5 till < 0.25 | 60/60/60/0×1 | 900 | 2 | SJ-21-01 P03 | 港华 住建 消防 街道 公安 | 待校核
        R13 | gas_lel ≥ 5/10/25/50 till < 5; methane ≥ 0.25/0.5/1.25/2.5 till < 0.25 | 30/30/30/30 | 600 人工 | 2 | SJ-21-01 P03 | 商户 街道 港华 住建 消防 | 待校核
        R13-red | gas_lel ≥ –/–/–/25 till < 5; while valve_open > 0 | –/–/–/60 | 600 人工 | 2 | SJ-21-01 P03 | 商户 街道 港华 住建 消防 | 待校核
        R14 | pressure % off ref ± 5/10/20/30 till < 5; pressure ≤ –/–/–/0.0005 | 180/180/180/180 | 600 | 2 | SJ-21-01 P03 | 港华 住建 | 待校核
        R15 | co ≥ –/24/100/160 till < 20 | –/180/180/180 | 600 | 2 | SJ-21-09 P07 | 物业 街道 消防 | 待校核
        R16 | smoke –/–/0/– | –/–/0/– | 0 人工 | 1 | SJ-21-02 P04 | 消防 街道 社区 物业 | 待校核
        R17 | fire_smoke –/0.5/0.7/– | –/10/10/– | 0 人工 | 1 | SJ-21-02 P04 | 消防 公安 街道 | 待校核
        R18 | pressure < –/0.14/0.1/0.05 till ≥ 0.16 | –/300/300/300 | 600 | 2 | SJ-21-23 P11 | 常水 消防 街道 | 待校核
        R19 | pressure % of ref < –/100/80/– till ≥ 100; pressure ≤ –/–/–/0.01 till ≥ 0.07 | –/600/600/600 | 600 | 2 | SJ-21-23 – | 物业 消防 街道 | 待校核
        R20 | residual_current ≥ 200/300/500/800 back 20 %; wire_temperature ≥ –/70/90/110 back 20 % | 60/60/60/60 | 600 | 2 | SJ-21-13 P04 | 单位 供电 消防 街道 | 待校核
        R21 | fire_lane_blocked –/0.5/0.5/– | –/300/900/– | 60 | 1 | SJ-21-24 P15 | 物业 街道 交警 消防 | 待校核
        R22 | ebike_in_elevator,ebike_wire_charging 0.5/–/–/– | 5/–/–/– | 0 | 1 | SJ-21-22 P15 | 物业 社区 | 待校核
        R22-day | count of ebike_in_elevator 0.5 (86400) ≥ –/3/–/– | –/0/–/– | 0 | 1 | SJ-21-22 P15 | 物业 社区 | 待校核
        R23 | elevator_trapped –/0/–/– | –/0/–/– | 0 人工 | 1 | SJ-21-03 P05 | 维保 市监 物业 消防 | –
        R24 | sos,fall –/–/0/– | –/–/0/– | 0 人工 | 1 | SJ-21-04 P09 | 社区 网格 家属 120 | 待校核
        R25 | sum(water_use 86400/43200) < –/0.01/0.01/–; sum(water_use 86400) > 2/–/–/–; min(water_use 86400) > 0/–/–/– | 0/0/0/– | 0 | 2 | SJ-21-04 P09 | 社区 网格 民政 | –
        R25-red | composite –/–/–/0 | –/–/–/0 | 0 人工 | 1 | SJ-21-04 P09 | 社区 网格 民政 | 待校核
        R26 | max(motion 43200/86400/129600/172800) ≤ 0/0/0/0 | 0@08-22/0/0/0 | 0 | 2 | SJ-21-04 P09 | 社区 网格 | 待校核
        R26-door | stuck(door_open) ≥ 43200/86400/129600/172800 | 0@08-22/0/0/0 | 0 | 1 | SJ-21-04 P09 | 社区 网格 | 待校核
        R27 | high_altitude_throw –/–/0/– | –/–/0/– | 0 人工 | 1 | SJ-21-05 P15 | 公安 社区 物业 | 待校核
        R28 | street_vending 0.5/0.5/–/– | 300/900[key_section]/–/– | 180 | 1 | SJ-05-01 P15 | 街道 城管 | 待校核
        R28-shop | shop_occupation 0.5/0.5/–/– | 300/900[key_section]/–/– | 180 | 1 | SJ-05-04 P15 | 街道 城管 | 待校核
        R29 | exposed_garbage,overflowing_bin 0.5/0.5/–/– | 900/7200/–/– | 300 | 1 | SJ-01-02 P15 | 街道 环卫 | 待校核
        R30 | illegal_parking 0.5/0.5/0.5/– | 300/600/300[priority_lane]/– | 0 | 1 | SJ-05-05 P15 | 交警 街道 | 待校核
        R31 | outside ≥ –/200/–/– back 50 | –/180/–/– | 0 | 1 | SJ-21-25 P15 | 城管 交警 住建 | 待校核
        R31-cover | truck_uncovered 0.5/–/–/– | 0/–/–/– | 0 | 1 | SJ-01-12 P15 | 城管 交警 住建 | 待校核
        R31-hours | inside ≥ 5 km/h ≥ 0/–/–/– @07-20 | 180/–/–/– | 0 | 1 | SJ-21-25 P15 | 城管 交警 住建 | 待校核
        R31-dump | garbage_dumping –/–/0.5/– @22-06 | –/–/0/– | 0 | 1 | SJ-21-25 P15 | 城管 交警 住建 | 待校核
        R32 | fall,fight –/0.6/0.8/– | –/5/5/– | 0 人工 | 1 | SJ-21-26 – | 公安 120 街道 | 待校核
        R32-down | fall –/–/0.6/– | –/–/60/– | 0 人工 | 1 | SJ-21-26 – | 公安 120 街道 | 待校核
        R32-red | group_fight –/–/–/0.6 | –/–/–/5 | 0 人工 | 1 | SJ-21-26 – | 公安 120 街道 | 待校核
        R33 | crowd_density ≥ 2/3/4/5 back 0.5; capacity_ratio ≥ 60/80/90/100 back 5; crowd_count % of ref ≥ 60/80/90/100 back 5 | 120/120/120/120 | 600 | 2 | SJ-21-06 P08 | 公安 文旅 街道 应急 | 待校核
        R34 | mean(pm25 3600) ≥ 60/115/150/250 back 10 % | 7200/7200/7200/7200 | 7200 | 2 | SJ-21-10 P10 | 环保 住建 城管 | 待校核
        R35 | aqi > 100/150/200/300 back 10 | 7200/7200/7200/7200 | 7200 | 2 | SJ-21-10 P10 | 环保 教育 住建 | –
        R36 | laeq(laeq 600 step 600) − ref ≥ 0/5/10/– back 3 | 0/0/0/– | 1200 | 2 | SJ-21-11 P16 | 环保 公安 街道 | 待校核
        R36-night | lamax − ref > –/15/–/– back 3 @22-06 | –/0/–/– | 1200 | 2 | SJ-21-11 P16 | 环保 公安 街道 | 待校核
        R37 | laeq − ref > 0/0/10/– back 3 | 900@06-22/900@22-06/900@22-06/– | 900 | 2 | SJ-03-01 P16 | 城管 住建 环保 街道 | 待校核
        R38 | mean(tsp 900 step 900) ≥ 300/500/800/1000 till < 400 | 0/0/0/0×2 | 1800 | 1 | SJ-03-02 P10 | 住建 城管 环保 街道 | 待校核
        R39 | ammonia_nitrogen ≥ 1.5/2/4/– back 20 %; dissolved_oxygen ≤ –/3/2/– back 20 % | 7200/7200/7200/– | 14400 | 2 | SJ-21-27 – | 环保 水利 街道(河长) | 待校核
        R39-red | rise(ammonia_nitrogen 14400 %) ≥ –/–/–/200; while ammonia_nitrogen ≥ 0.5 | –/–/–/7200 | 14400 | 2 | SJ-21-27 – | 环保 水利 街道(河长) | 待校核
        R40 | count ≥ 60 (load_ratio 600) ≥ 3/–/–/–; count ≥ 80 (load_ratio 600) ≥ –/3/–/–; count ≥ 100 (load_ratio 600) ≥ –/–/3/–; count ≥ 110 (load_ratio 600) ≥ –/–/–/3; load_ratio ≥ –/10000/10000/10000 till < 70 | 0/0/0/0 | 86400 人工 | 1 | SJ-21-07 P06 | 住建 交警 养护 | 待校核
        R41 | vehicle_weight ÷ ref ≥ 0.9/1/1.2/1.5 | 0/0/0/0 | 0 | 1 | SJ-21-07 – | 交警 交通 住建 | 待校核
        R42 | either(settlement 86400) ≥ 2/5/10/20 | 0/0/0/0 | 86400 | 2 | SJ-04-01 P06 | 住建 城管 交警 | 待校核
        R42-void | road_void –/–/–/0.5 | –/–/–/0 | 86400 | 1 | SJ-04-01 P06 | 住建 城管 交警 | 待校核
        R43 | load_ratio ≥ 90/100/105/– till < 90; liquid_level % of ref ≥ 90/100/105/– till < 90 | 30/30/30/– | 600 | 2 | SJ-21-12 P03 | 企业 应急 消防 经开区 | 待校核
        R43-red | interlock_failure –/–/–/0 | –/–/–/0 | 600 | 1 | SJ-21-12 P03 | 企业 应急 消防 经开区 | 待校核
        R44 | off usual days(power) ≥ 30/50/–/– till < 20 | 1800/1800/–/– | 3600 | 2 | SJ-21-13 – | 工信 应急 供电 | 待校核
        R44-idle | power % of ref > –/–/20/– | –/–/1800/– | 3600 | 2 | SJ-21-13 – | 工信 应急 供电 | 待校核
        R45 | temperature ≥ 50/65/80/95 back 10 | 300/300/300/300 | 900 | 2 | SJ-21-13 P04 | 供电 物业 街道 | 待校核
        R46 | mean(wind_speed 600) ≥ 10.8/17.2/24.5/32.7 back 3; gust_speed ≥ 13.9/20.8/28.5/37 back 3 | 600/600/600/600 | 3600 | 2 | SJ-21-20 P14 | 应急 住建 城管 街道 | 待校核
        R47 | pressure < 0.2/0.14/-1/– till ≥ 0.2; fall(pressure 300) ≥ –/–/0.05/– | 300/300/0×1/– | 900 | 2 | SJ-04-02 P11 | 常水 住建 街道 | 待校核
        R47-red | composite –/–/–/0 | –/–/–/0 | 900 | 1 | SJ-04-02 P11 | 常水 住建 街道 | 待校核
        R48 | residual_chlorine < 0.1/0.05/–/–; turbidity > –/1/3/– | 900/900/900/– | 1800 | 2 | SJ-21-18 P11 | 常水 卫健 住建 | 待校核
        R49 | cpu ≥ 80/90/95/– till < 75 | 600/300/900/– | 600 | 2 | SJ-21-14 P12 | 数据 云服务商 | 待校核
        R49-red | silent 3 | –/–/–/0 | 600 | 1 | SJ-21-14 P12 | 数据 云服务商 | 待校核
        R50 | disk ≥ 80/90/95/98 back 3 | 600/600/600/600 | 1800 | 2 | SJ-21-14 P12 | 数据 云服务商 | 待校核
        R51 | backup_age ≥ 25/30/50/72; replica_lag ≥ 1/5/15/60 | 300/300/300/300 | 0 | 2 | SJ-21-14 P12 | 数据 云服务商 | 待校核
        R52 | mean(packet_loss 300) ≥ 2/5/–/–; link_up ≤ –/0/–/– | 0/30/–/– | 300 | 2 | SJ-21-15 P12 | 数据 运营商 | 待校核
        R53 | security_grade ≥ 1/2/3/4 | 0/0/0/0 | 0 人工 | 1 | SJ-21-16 P13 | 网信 数据 公安 | –
        R53-red | ransomware,web_tamper,data_leak –/–/–/0 | –/–/–/0 | 0 人工 | 1 | SJ-21-16 P13 | 网信 数据 公安 | –
        R54 | sum(login_failures 900) ≥ 5/10/–/–; sum(access_denials 900) ≥ 5/10/–/–; sum(admin_login_failures 900) ≥ –/–/5/– | 0/0/0/– | 1800 | 1 | SJ-21-16 P13 | 数据 网信 | 待校核
        R54-red | audit_chain_broken –/–/–/0 | –/–/–/0 | 1800 | 1 | SJ-21-16 P13 | 数据 网信 | 待校核
        R55 | silent 3 | 0/1800[key]/–/– | 300 | 1 | SJ-21-21 P12 | 数据 厂商 | 待校核
        R58 | road_temperature ≤ 2/0/-2/– till ≥ 2; while road_wet ≥ 1 | 1200/1200/1200/– | 3600 | 2 | SJ-04-07 P14 | 城管 交警 住建 街道 | 待校核
        R58-red | road_temperature ≤ –/–/–/-2 till ≥ 2; while snow_depth ≥ 50 | –/–/–/1200 | 3600 | 2 | SJ-04-07 P14 | 城管 交警 住建 街道 | 待校核
        R59 | sum(complaints 7200) ≥ 3/5/10/– | 0/0/0/– | 14400 | 1 | SJ-04-09 – | 信访 公安 街道 | 待校核
        """.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
