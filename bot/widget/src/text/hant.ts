// Made by tools/make_hant.py from the Chinese in src/: do not edit. FROM[i] is written TO[i] in Traditional.
export const FROM = '万东个为么于会体儿关养写况准几划删办动区单发号后吗听国图处妈实对布带开录执拨换据时显暂机条来标没浏点现电画着码确离简约线经络统编网腾苹补规览讯记设诉试话详语说请读谁谢贴费资转载辈输边达过还这连选邻钟钮钱铁长门问间随领题饭马';
export const TO = '萬東個為麼於會體兒關養寫況準幾劃刪辦動區單發號後嗎聽國圖處媽實對佈帶開錄執撥換據時顯暫機條來標沒瀏點現電畫著碼確離簡約線經絡統編網騰蘋補規覽訊記設訴試話詳語說請讀誰謝貼費資轉載輩輸邊達過還這連選鄰鐘鈕錢鐵長門問間隨領題飯馬';
